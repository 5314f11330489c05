/** An error for the log: names and messages down to the first cause, enough to find the fault, nothing that was sent. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'not an error';
  return `${error.name}: ${error.message}${error.cause === undefined ? '' : ` (${reasonOf(error.cause)})`}`;
}
