/** The longest that a secret may be set to run out in, and the longest overlap: 30 days, in seconds. */
export const longestExpirySeconds = 2_592_000;
