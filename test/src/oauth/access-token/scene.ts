import { generateKeyPairSync, type KeyObject, randomBytes, randomUUID, sign } from 'node:crypto';
import { livenessInMemory } from '../../../../src/adapters/memory/liveness.ts';
import { revokedTokensInMemory } from '../../../../src/adapters/memory/revoked-token.ts';
import { type Integration, machineOnly, type RequestedRight } from '../../../../src/entities/integration.ts';
import type { LivenessQuery, LivenessState } from '../../../../src/entities/liveness.ts';
import type { SigningAlgorithm, SigningKey } from '../../../../src/entities/signing-key.ts';
import { newTokenId } from '../../../../src/oauth/access-token/claims.ts';
import { createKeyRing } from '../../../../src/oauth/access-token/key-ring.ts';
import { tokenStatus } from '../../../../src/oauth/access-token/status.ts';
import { createAccessTokenVerifier } from '../../../../src/oauth/access-token/verifier.ts';

export const issuer = 'https://auth.example/auth';
export const audience = 'https://api.example/api/v1';
export const tenant = 'ten_0123456789abcdef';
export const clientId = 'int_0123456789abcdefABCDEFGHIJKLMNOPQRSTUV';

type Members = Readonly<Record<string, unknown>>;

/** A signing key of the deployment, with its private half. */
export interface Signer {
  row: SigningKey;
  readonly privateKey: KeyObject;
}

export function newSigner(algorithm: SigningAlgorithm, kid = randomBytes(8).toString('hex')): Signer {
  const { publicKey, privateKey } =
    algorithm === 'RS256'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : algorithm === 'ES256'
        ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
        : generateKeyPairSync('ed25519');
  const publicJwk = publicKey.export({ format: 'jwk' }) as Record<string, string>;
  const row = { kid, name: kid, algorithm, keyArn: `arn:${kid}`, publicJwk, state: 'active', since: '' } as const;
  return { row, privateKey };
}

const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A compact JWS of whatever it is given. */
export function signed({ row, privateKey }: Signer, claims: unknown, header: Members = {}): string {
  const input = `${encoded({ alg: row.algorithm, typ: 'at+jwt', kid: row.kid, ...header })}.${encoded(claims)}`;
  const digest = row.algorithm === 'EdDSA' ? null : 'sha256';
  const signature = sign(digest, Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' });
  return `${input}.${signature.toString('base64url')}`;
}

export const granted: RequestedRight = { state: 'granted', requestedBy: 'usr_1' };

/** An integration that holds what it carries. */
export function newIntegration(): Integration {
  return {
    tenant,
    clientId,
    name: 'Billing sync',
    status: 'active',
    owner: 'usr_1',
    grantTypes: ['client_credentials'],
    tokenEndpointAuthMethod: 'client_secret_basic',
    jwks: [],
    ...machineOnly,
    rights: { 'issues:read': granted, 'users:read': granted },
    secrets: [{ id: 'sec_1', hash: '', ciphertext: '', lastFour: '', createdAt: '' }],
    tokenGeneration: 3,
    createdAt: '',
    version: 1,
  };
}

const at = '2026-11-21T10:00:00.000Z';
const later = '2099-01-01T00:00:00.000Z';

export const userId = 'usr_ABCDEFGHIJKLMNOPQRSTUV';

/** Somebody who is signed in, and what the integration may do for them: the token family of a code, and all it hangs on. */
export function newDelegation() {
  const authentication = { authenticatedAt: at, methods: ['pwd'] } as const;
  const rights = { global: ['issues:read', 'users:read'], byProject: {} };
  return {
    user: {
      tenant,
      id: userId,
      username: 'ada',
      email: 'ada@example.com',
      name: 'Ada',
      roles: ['administrator'],
      status: 'active',
      tokenGeneration: 2,
      version: 1,
      createdAt: at,
    },
    consent: { tenant, userId, clientId, id: 'cns_1', scopes: ['openid'], rights, createdAt: at, updatedAt: at },
    session: {
      ...authentication,
      tenant,
      userId,
      id: 'ses_1',
      secretHash: '',
      userGeneration: 2,
      createdAt: at,
      expiresAt: later,
    },
    family: {
      tenant,
      id: 'fam_1',
      clientId,
      grantType: 'authorization_code',
      credential: 'sec_1',
      user: { ...authentication, id: userId, generation: 2, sessionId: 'ses_1', offline: false, consentId: 'cns_1' },
      operator: false,
      scopes: ['openid'],
      rights,
      resources: [],
      createdAt: at,
      expiresAt: later,
    },
    personalAccessToken: undefined,
  } satisfies Partial<LivenessState>;
}

export type Delegated = Pick<LivenessState, 'user' | 'consent' | 'session' | 'family' | 'personalAccessToken'>;

/** The claims that a token of {@link newDelegation} has besides. */
export const delegated = { sub: userId, fam: 'fam_1', sid: 'ses_1' };

/** A deployment in memory with one integration and one key, whose every part a test may change before it asks. */
export function newScene(signer: Signer = newSigner('ES256')) {
  const scene = {
    now: 1_800_000_000_000,
    signers: [signer],
    integration: newIntegration() as Integration | undefined,
    /** Readings of all key rows, and of what holds now. */
    keyReadings: 0,
    readings: [] as LivenessQuery[],
    /** What is read besides the integration, each by its own key. */
    delegated: {} as Delegated,
    /** What every reading fails with. */
    outage: undefined as Error | undefined,
  };
  const clock = { now: () => scene.now };
  const rows = async () => {
    if (scene.outage) throw scene.outage;
    return scene.signers.map(({ row }) => row);
  };
  const revoked = revokedTokensInMemory();
  const stored = livenessInMemory(
    {
      get: async (ofTenant, id) => (ofTenant === tenant && id === clientId ? scene.integration : undefined),
    },
    revoked,
    { list: rows },
  );
  const keys = createKeyRing(
    {
      list: () => {
        scene.keyReadings++;
        return rows();
      },
    },
    clock,
  );
  const liveness: typeof stored = {
    read: async (query) => {
      scene.readings.push(query);
      if (scene.outage) throw scene.outage;
      return { ...(await stored.read(query)), ...readable(scene.delegated, query) };
    },
  };
  const verifier = createAccessTokenVerifier({ keys, clock, issuer, audience });

  /** Claims that are in order now. */
  const claims = (): Members => ({
    iss: issuer,
    sub: clientId,
    aud: audience,
    client_id: clientId,
    iat: scene.now / 1000,
    exp: scene.now / 1000 + 3600,
    jti: newTokenId(() => randomUUID(), scene.integration?.tokenGeneration ?? 0),
    scope: 'issues:read users:read',
    tenant,
    cred: 'sec_1',
  });
  const services = { verifier, keys, liveness, clock };
  return Object.assign(scene, {
    clock,
    keys,
    verifier,
    revoked,
    services,
    claims,
    /** A token in order but for what is given. */
    token: (changes: Members = {}, header: Members = {}) => signed(signer, { ...claims(), ...changes }, header),
    status: (token: string) => tokenStatus(services, token),
  });
}

/** What exact keys find. */
function readable(stored: Delegated, query: LivenessQuery): Delegated {
  const ofTenant = query.tenant === tenant;
  const ofUser = ofTenant && query.userId === userId;
  return {
    ...(ofTenant && query.familyId === stored.family?.id && { family: stored.family }),
    ...(ofUser && { user: stored.user }),
    ...(ofUser && query.clientId === stored.consent?.clientId && { consent: stored.consent }),
    ...(ofUser && query.sessionId === stored.session?.id && { session: stored.session }),
    ...(ofUser &&
      query.personalAccessToken === stored.personalAccessToken?.hash && {
        personalAccessToken: stored.personalAccessToken,
      }),
  };
}
