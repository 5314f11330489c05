import { type AuditEvent, auditEvent, type Origin } from '../entities/audit-event.ts';
import { newClientSecret } from '../entities/client-secret.ts';
import type { Deployment, RegisteredApi } from '../entities/deployment.ts';
import { ConcurrentChange } from '../entities/errors.ts';
import { newClientId, newId, newTenantId } from '../entities/identifiers.ts';
import type { Integration } from '../entities/integration.ts';
import { hashOf } from '../entities/recognizable-secret.ts';
import type { SigningAlgorithm } from '../entities/signing-key.ts';
import { type DeclaredKey, type KeyChange, type KeyMaterial, registration } from '../entities/signing-key-life.ts';
import type { Tenant } from '../entities/tenant.ts';
import type { Clock, RandomBytes, SecretProtector } from '../ports.ts';
import { administratorOf } from './administrator.ts';

/** What the deployment's secret holds: with it the operator's first administrator gets a token. */
export interface Credentials {
  readonly tenant: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

/** The deployment's secret. */
export interface CredentialsStore {
  /** What it holds; undefined where that is nothing. */
  read(): Promise<Credentials | undefined>;
  /** Writes them where the bootstrap never wrote any; of two at once one is written, and which one a read tells. */
  writeFirst(credentials: Credentials): Promise<void>;
}

/** Everything that the first deployment writes, in one transaction. */
export interface Foundation {
  readonly tenant: Tenant;
  readonly administrator: Integration;
  /** Authenticates cursors: 32 random bytes. */
  readonly cursorKey: Uint8Array;
  readonly event: AuditEvent;
}

export interface BootstrapStore {
  read(): Promise<Deployment>;
  /** @throws ConcurrentChange where it was founded already: nothing was written then */
  found(foundation: Foundation, keys: readonly KeyChange[], apis: readonly RegisteredApi[]): Promise<void>;
  /** @throws ConcurrentChange where a row is no longer what was read: nothing was written then */
  register(keys: readonly KeyChange[], apis: readonly RegisteredApi[]): Promise<void>;
}

/** Reads the public half of a KMS key. */
export interface PublicKeyReader {
  read(keyArn: string): Promise<KeyMaterial>;
}

export interface BootstrapPorts {
  readonly credentials: CredentialsStore;
  readonly store: BootstrapStore;
  readonly publicKeys: PublicKeyReader;
  /** Undefined where no secret may be read again. */
  readonly protector: SecretProtector | undefined;
  readonly clock: Clock;
  readonly randomBytes: RandomBytes;
}

/** What the stage declares. */
export interface Declaration {
  readonly keys: readonly DeclaredKey[];
  readonly signingAlgorithm: SigningAlgorithm;
  readonly apis: readonly RegisteredApi[];
}

/** Why the bootstrap cannot go on; the text holds no secret. */
export class BootstrapFailed extends Error {}

const tries = 3;

/**
 * Makes the deployment what the stage declares. The first time: the operator's tenant and its administrator, from
 * credentials that are in the secret before anything else is written, so that a repeat after a crash ends with the same
 * ones. Every time: rows of new and of revoked keys, and of the APIs. Twice at once is as once.
 *
 * @param origin for the audit log
 * @throws BootstrapFailed, DependencyUnavailable, ConcurrentChange
 */
export async function bootstrap(ports: BootstrapPorts, declared: Declaration, origin: Origin): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await bootstrapOnce(ports, declared, origin);
    } catch (error) {
      if (!(error instanceof ConcurrentChange) || attempt === tries) throw error;
    }
  }
}

async function bootstrapOnce(ports: BootstrapPorts, declared: Declaration, origin: Origin): Promise<void> {
  const { store, clock } = ports;
  const { keys: rows } = await store.read();
  const now = clock.now();
  const keys = registration(
    declared.keys,
    rows,
    await materialOf(ports.publicKeys, declared.keys, new Set(rows.map(({ keyArn }) => keyArn))),
    declared.signingAlgorithm,
    new Date(now).toISOString(),
  );
  // A row of a key is there since the foundation: credentials that were lost later are not made anew.
  if (rows.length > 0) return store.register(keys, declared.apis);
  const credentials = await heldCredentials(ports);
  await store.found(await foundationOf(credentials, ports, now, origin), keys, declared.apis);
}

async function materialOf(reader: PublicKeyReader, keys: readonly DeclaredKey[], known: ReadonlySet<string>) {
  const unknown = keys.filter(({ keyArn }) => !known.has(keyArn));
  const read = async ({ keyArn }: DeclaredKey) => [keyArn, await reader.read(keyArn)] as const;
  return new Map(await Promise.all(unknown.map(read)));
}

/** What the secret holds, after it was given new credentials where it held none. */
async function heldCredentials({ credentials, randomBytes }: BootstrapPorts): Promise<Credentials> {
  const held = await credentials.read();
  if (held !== undefined) return held;
  const tenant = newTenantId(randomBytes);
  const clientId = newClientId(tenant, randomBytes);
  await credentials.writeFirst({ tenant, clientId, clientSecret: newClientSecret(randomBytes) });
  // Another run may have been first: what the secret holds is what counts.
  const written = await credentials.read();
  if (written === undefined)
    throw new BootstrapFailed('the secret was emptied after the bootstrap wrote it; restore its first version');
  return written;
}

async function foundationOf(
  { tenant, clientId, clientSecret }: Credentials,
  { protector, randomBytes }: BootstrapPorts,
  now: number,
  origin: Origin,
): Promise<Foundation> {
  const at = new Date(now).toISOString();
  const ciphertext = await protector?.encrypt(clientSecret, { tenant, clientId });
  const administrator = administratorOf({
    tenant,
    clientId,
    name: 'Bootstrap administrator',
    description: 'Made at deployment; holds every right.',
    secret: {
      id: newId('sec', randomBytes),
      hash: hashOf(clientSecret),
      ...(ciphertext && { ciphertext: Buffer.from(ciphertext).toString('base64') }),
      lastFour: clientSecret.slice(-4),
      createdAt: at,
    },
    ofOperator: true,
    madeBy: origin.actor,
    at,
  });
  const change = { tenant, action: 'tenant.created', object: tenant, changes: { administrator: clientId } };
  return {
    tenant: { tenant, name: 'Operator', operator: true, managers: 1, createdAt: at },
    administrator,
    cursorKey: randomBytes(32),
    event: auditEvent(change, origin, now, randomBytes),
  };
}
