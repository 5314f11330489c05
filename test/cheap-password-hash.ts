/**
 * What `vi.mock` puts in the place of the module of password hashes: the module itself, with hashes that cost nearly
 * nothing, since what a hash costs is not what is tested.
 */
export async function withCheapHashes(original: () => Promise<object>): Promise<object> {
  return { ...(await original()), currentParameters: { logN: 4, r: 1, p: 1 } };
}
