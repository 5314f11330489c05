/** What a fault of the input says of a member that is absent, or not what it must be. */
export const must = (be: string) => (issue: { readonly input?: unknown }) =>
  issue.input === undefined ? 'is required' : `must be ${be}`;
