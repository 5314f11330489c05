import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import {
  isTrusted,
  type SigningAlgorithm,
  type SigningKey,
  type SigningKeyReader,
  type SigningKeyState,
} from '../../entities/signing-key.ts';
import type { Clock } from '../../ports.ts';

/** A public key of the deployment, ready to verify with. */
export interface RingKey {
  readonly kid: string;
  readonly algorithm: SigningAlgorithm;
  readonly publicKey: KeyObject;
  /** As last read. */
  state: SigningKeyState;
  /** When the state was read; milliseconds since the epoch. */
  readAt: number;
}

/** The deployment's public keys, kept in memory. */
export interface KeyRing {
  /** The key of that name, whatever its state; undefined where the deployment has none. */
  find(kid: string): Promise<RingKey | undefined>;
  /** Whether a token of the key may be accepted on what is known, without reading the key's row again. */
  mayTrustUnread(key: RingKey): boolean;
  /** Takes note of what the row says now; `unknown` where there is no row. */
  note(key: RingKey, state: SigningKeyState | 'unknown'): void;
}

/** An unknown `kid` makes the rows be read again at most this often, so that forged ones cost nothing. */
const reloadIntervalMilliseconds = 30_000;

/** A state older than this is read again with the decision: a revoked key is out within the bound on warm instances. */
const stateLifetimeMilliseconds = 1_000;

/** A ring that reads all rows at its first use, and again where a `kid` is unknown. */
export function createKeyRing(reader: SigningKeyReader, clock: Clock): KeyRing {
  let keys: ReadonlyMap<string, RingKey> = new Map();
  let loadedAt = Number.NEGATIVE_INFINITY;
  let loading: Promise<void> | undefined;

  // What fails is not counted as a reading: after a fault of the table's a new key is found at once.
  async function load(): Promise<void> {
    const readAt = clock.now();
    const rows = await reader.list();
    const read = new Map<string, RingKey>();
    for (const row of rows) {
      // The same object for the same key: tokens that are remembered refer to it.
      const key = keys.get(row.kid) ?? ringKey(row);
      key.state = row.state;
      key.readAt = readAt;
      read.set(row.kid, key);
    }
    keys = read;
    loadedAt = readAt;
  }

  return {
    async find(kid) {
      const known = keys.get(kid);
      if (known !== undefined || clock.now() - loadedAt < reloadIntervalMilliseconds) return known;
      loading ??= load().finally(() => {
        loading = undefined;
      });
      await loading;
      return keys.get(kid);
    },
    mayTrustUnread(key) {
      return isTrusted(key) && clock.now() - key.readAt < stateLifetimeMilliseconds;
    },
    note(key, state) {
      // A key without a row is no key of the deployment's; its tokens are refused as a revoked key's are.
      key.state = state === 'unknown' ? 'revoked' : state;
      key.readAt = clock.now();
    },
  };
}

function ringKey({ kid, algorithm, publicJwk, state }: SigningKey): RingKey {
  const publicKey = createPublicKey({ key: publicJwk as JsonWebKey, format: 'jwk' });
  return { kid, algorithm, publicKey, state, readAt: Number.NEGATIVE_INFINITY };
}
