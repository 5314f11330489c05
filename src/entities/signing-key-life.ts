import { idTokenAlgorithm, type SigningAlgorithm, type SigningKey } from './signing-key.ts';
import { longestTokenLifetimeSeconds } from './token-lifetime.ts';

/** A signing key as the stage declares it. */
export interface DeclaredKey {
  readonly name: string;
  readonly algorithm: SigningAlgorithm;
  readonly keyArn: string;
  /** The operator takes the key out at once. */
  readonly state?: 'revoked' | undefined;
}

/** What a new row of a key is made from: its declaration and its public half. */
export interface KeyMaterial {
  readonly kid: string;
  readonly publicJwk: Readonly<Record<string, string>>;
}

/** One key's row as it is, where there is one, and as it is to be. */
export interface KeyChange {
  readonly before?: SigningKey;
  readonly after: SigningKey;
}

/**
 * How the rows follow the declaration: a new key is `next`, one declared revoked is `revoked`, and one that signs but is
 * declared no more, which no function may sign with, is `retiring`. Where access tokens' algorithm, or that of ID tokens,
 * has no active key after that, its first declared one is `active` at once: without one nothing can be signed.
 *
 * @param rows what is there
 * @param material the public halves of declared keys that have no row, by ARN
 * @param at ISO 8601
 */
export function registration(
  declared: readonly DeclaredKey[],
  rows: readonly SigningKey[],
  material: ReadonlyMap<string, KeyMaterial>,
  signingAlgorithm: SigningAlgorithm,
  at: string,
): KeyChange[] {
  const changes = [
    ...declared.map((key) => registered(key, rowOf(key, rows), material.get(key.keyArn), at)),
    ...rows
      .filter((row) => row.state === 'active' && !declared.some((key) => key.keyArn === row.keyArn))
      .map((row) => ({ before: row, after: { ...row, state: 'retiring', since: at } as const })),
  ];
  const signing = [signingAlgorithm, idTokenAlgorithm].reduce((done, each) => withSigner(done, each, at), changes);
  return signing.filter(({ before, after }) => before?.state !== after.state);
}

function rowOf(key: DeclaredKey, rows: readonly SigningKey[]): SigningKey | undefined {
  return rows.find((row) => row.keyArn === key.keyArn);
}

function registered(
  { name, algorithm, keyArn, state }: DeclaredKey,
  before: SigningKey | undefined,
  material: KeyMaterial | undefined,
  at: string,
): KeyChange {
  if (before !== undefined) {
    const revoked = state === 'revoked' && before.state !== 'revoked';
    return { before, after: revoked ? { ...before, state, since: at } : before };
  }
  if (material === undefined) throw new Error(`the public key of ${name} is not known`);
  return { after: { ...material, name, algorithm, keyArn, state: state ?? 'next', since: at } };
}

function withSigner(changes: readonly KeyChange[], algorithm: SigningAlgorithm, at: string): KeyChange[] {
  const ofAlgorithm = changes.filter(({ after }) => after.algorithm === algorithm);
  if (ofAlgorithm.some(({ after }) => after.state === 'active')) return [...changes];
  const first = ofAlgorithm.find(({ after }) => after.state === 'next');
  return changes.map((change) =>
    change === first ? { ...change, after: { ...change.after, state: 'active', since: at } } : change,
  );
}

/**
 * What time alone changes; each element is one step, whole or not at all. A `next` key that every verifier has had time
 * to read becomes `active`, and the active one of its algorithm `retiring`; a `retiring` key whose last token has
 * expired becomes `retired`.
 *
 * @param declared in the order in which keys were added: one key of an algorithm becomes active at a time
 * @param keySetMaxAgeSeconds how long verifiers may keep the key set
 * @param now milliseconds since the epoch
 */
export function dueSteps(
  declared: readonly DeclaredKey[],
  rows: readonly SigningKey[],
  keySetMaxAgeSeconds: number,
  now: number,
): KeyChange[][] {
  const at = new Date(now).toISOString();
  const inStateFor = (row: SigningKey, seconds: number) => now - Date.parse(row.since) > seconds * 1000;
  const successors = new Map<SigningAlgorithm, SigningKey>();
  for (const key of declared) {
    const row = rowOf(key, rows);
    if (key.state === 'revoked' || row?.state !== 'next' || successors.has(row.algorithm)) continue;
    if (inStateFor(row, keySetMaxAgeSeconds)) successors.set(row.algorithm, row);
  }
  const promotions = [...successors.values()].map((successor) => [
    { before: successor, after: { ...successor, state: 'active', since: at } as const },
    ...rows
      .filter((row) => row.state === 'active' && row.algorithm === successor.algorithm)
      .map((row) => ({ before: row, after: { ...row, state: 'retiring', since: at } as const })),
  ]);
  const retirements = rows
    .filter((row) => row.state === 'retiring' && inStateFor(row, longestTokenLifetimeSeconds))
    .map((row) => [{ before: row, after: { ...row, state: 'retired', since: at } as const }]);
  return [...promotions, ...retirements];
}
