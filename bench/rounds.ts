/** What is compared: by name, one measurement a round, higher is better. */
export type Contestants = Readonly<Record<string, () => Promise<number>>>;

/**
 * The median of each contestant over interleaved rounds: what else the machine does in a round it does to all of them,
 * so that ratios hold on a machine that is not idle. The first round warms up and does not count.
 */
export async function medians(contestants: Contestants, rounds: number): Promise<Record<string, number>> {
  const measured = new Map<string, number[]>();
  for (let round = 0; round <= rounds; round++) {
    for (const [name, measure] of Object.entries(contestants)) {
      const figure = await measure();
      if (round > 0) measured.set(name, [...(measured.get(name) ?? []), figure]);
    }
  }
  return Object.fromEntries([...measured].map(([name, figures]) => [name, median(figures)]));
}

export function median(figures: readonly number[]): number {
  const sorted = [...figures].sort((one, other) => one - other);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}
