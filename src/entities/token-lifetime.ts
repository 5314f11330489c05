/** The longest lifetime that a stage may give access tokens, in seconds: after it, no token of today is alive. */
export const longestTokenLifetimeSeconds = 86_400;
