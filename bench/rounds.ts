/** What is compared: by name, one measurement a round. */
export type Contestants = Readonly<Record<string, () => Promise<number>>>;

/**
 * The better quartile of each contestant's figures over interleaved rounds. What else the machine does can only slow a
 * round down, and what it does in one it does to all of them, so that ratios hold on a machine that is not idle. The first
 * round warms up and does not count.
 */
export async function compared(
  contestants: Contestants,
  rounds: number,
  better: 'higher' | 'lower',
): Promise<Record<string, number>> {
  const measured = new Map<string, number[]>();
  for (let round = 0; round <= rounds; round++) {
    for (const [name, measure] of Object.entries(contestants)) {
      const figure = await measure();
      if (round > 0) measured.set(name, [...(measured.get(name) ?? []), figure]);
    }
  }
  return Object.fromEntries([...measured].map(([name, figures]) => [name, betterQuartile(figures, better)]));
}

export function betterQuartile(figures: readonly number[], better: 'higher' | 'lower'): number {
  const sorted = [...figures].sort((one, other) => (better === 'higher' ? other - one : one - other));
  return sorted[sorted.length >> 2] ?? Number.NaN;
}
