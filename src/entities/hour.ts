const hour = 3_600_000;

/** The hour that `now` (milliseconds since the epoch) lies in, ISO 8601: uses are noted no more exactly than that. */
export function hourOf(now: number): string {
  return new Date(Math.floor(now / hour) * hour).toISOString();
}
