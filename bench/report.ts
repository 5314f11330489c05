/** A goal, and whether this run met it. */
export interface Goal {
  readonly claim: string;
  readonly measured: string;
  readonly met: boolean;
}

/** One measurement: what was compared and how, the figures, and the goals they are held to. */
export interface Section {
  readonly title: string;
  readonly how: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly goals: readonly Goal[];
  /** What the figures do not say by themselves, such as where the time goes. */
  readonly notes?: readonly string[];
}

/** The section as Markdown. */
export function rendered({ title, how, columns, rows, goals, notes = [] }: Section): string {
  const numbers = columns.map((_, index) => (index === 0 ? '---' : '---:'));
  const lines = [columns, numbers, ...rows].map((cells) => `| ${cells.join(' | ')} |`);
  const verdicts = goals.map(({ claim, measured, met }) => `- ${met ? 'Met' : '**Missed**'}: ${claim}; ${measured}.`);
  return [`## ${title}`, how, lines.join('\n'), verdicts.join('\n'), ...notes]
    .filter((part) => part !== '')
    .join('\n\n');
}

/** A goal on a quotient. */
export function ratioGoal(claim: string, ratio: number, bound: { atLeast: number } | { atMost: number }): Goal {
  const met = 'atLeast' in bound ? ratio >= bound.atLeast : ratio <= bound.atMost;
  return { claim, measured: `measured ${ratio.toFixed(2)}`, met };
}

/** A rate for a table: `12,300`. */
export function rate(perSecond: number): string {
  return (Math.round(perSecond / 100) * 100).toLocaleString('en-US');
}
