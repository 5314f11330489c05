import type { SigningAlgorithm } from '../src/entities/signing-key.ts';

/** A signing key of the deployment: one retained KMS key. */
export interface SigningKeyDeclaration {
  /** Lower-case letters, digits and hyphens, beginning with a letter; never reused, never renamed. */
  readonly name: string;
  readonly algorithm: SigningAlgorithm;
  /**
   * `revoked` takes a compromised key out at once: its tokens are refused, and no function may sign with it. Leave the
   * declaration in place. Every other state follows from the age of the key.
   */
  readonly state?: 'revoked';
}

/** One regional custom domain for the three APIs, with base paths `auth`, `admin` and `api`. */
export interface DomainOptions {
  /** The host name alone, for example `id.example.com`. */
  readonly name: string;
  /** ARN of an ACM certificate for the name in the deployment's Region. */
  readonly certificateArn: string;
  /** The Route 53 zone in which alias records are made; without it the name is pointed at the domain by hand. */
  readonly hostedZone?: { readonly id: string; readonly name: string };
}

/** What an operator may choose about a deployment. Every option and its default is described here, and only here. */
export interface Stage {
  /**
   * Prefix of the stacks' names and of the SSM parameters (`/Latchkey/issuer`), so that one account holds several
   * deployments. Letters, digits and hyphens, beginning with a letter, though not with `aws` or `ssm`, which SSM keeps
   * for itself. Default `Latchkey`.
   */
  readonly name: string;
  /** A custom domain; `execute-api` endpoints are then switched off. Default: none. */
  readonly domain?: DomainOptions;
  /**
   * `retain` keeps table, keys, secrets and logs when their stack is deleted, and protects them from deletion; `destroy`
   * leaves nothing behind, for stages that may lose everything. Default `retain`.
   */
  readonly removalPolicy: 'retain' | 'destroy';
  /**
   * The deployment's signing keys. The oldest of an algorithm signs until a newer one has been published for as long as
   * verifiers cache the JWKS: to rotate, append a key. Default: one RS256 key, `rs256-1`. RS256 must be among them: ID
   * tokens are always signed with it (OIDC Discovery §3).
   */
  readonly signingKeys: readonly SigningKeyDeclaration[];
  /** What access tokens are signed with; a key that is not revoked must exist for it. Default `RS256`. */
  readonly signingAlgorithm: SigningAlgorithm;
  /**
   * Names of the keys (RSA-2048) that requests to apps' endpoints are signed with, each a retained KMS key, never reused.
   * All are published; the first signs. To rotate, append one, put it first in a deployment at least a day later, and
   * remove the other after another day. Default `['webhook-1']`.
   */
  readonly webhookKeys: readonly string[];
  /** Lifetime of an access token in seconds, 60 to 86,400. Default 3600. */
  readonly tokenLifetimeSeconds: number;
  /**
   * Within how many seconds a disabled integration or a withdrawn right stops a token that is already out, 0 to 300.
   * API Gateway caches a decision for this time less 2 seconds for the decision in flight; at 2 and below nothing is
   * cached, and every request asks the authorizer. Default 5.
   */
  readonly revocationBoundSeconds: number;
  /** Lifetime of a refresh token in seconds, however often it is exchanged, 600 to 31,536,000. Default 2,592,000 (30 days). */
  readonly refreshTokenLifetimeSeconds: number;
  /** Seconds without use after which a refresh token is over, 600 to its lifetime. Default 604,800 (7 days). */
  readonly refreshTokenIdleSeconds: number;
  /** Lifetime of a user's session in seconds, 300 to 2,592,000. Default 43,200 (12 hours). */
  readonly sessionLifetimeSeconds: number;
  /**
   * Flows of RFC 6749 that newer practice advises against (RFC 9700 §2.1.2 and §2.4), for registered apps that still need
   * them: `implicit`, `password`. What is not named does not exist. Default: none.
   */
  readonly legacyGrants: readonly LegacyGrant[];
  /**
   * Whether tokens bound to a key are issued and accepted (DPoP, RFC 9449). The proof is not in the key of API Gateway's
   * cache: with it, no decision of an authorizer is cached, and every request asks. Default false.
   */
  readonly dpop: boolean;
  /** Whether administrators may read a client secret again, which is audited. Default true. */
  readonly secretRetrieval: boolean;
  /** Whether a regional web ACL stands before the three APIs (8 USD a month and 0.60 per million requests). Default false. */
  readonly waf: boolean;
  /** Requests that one address may send in five minutes where the web ACL is on, 100 or more. Default 10,000. */
  readonly wafRequestsPerFiveMinutes: number;
  /** Days that logs are kept; one of CloudWatch's own values. Default 90. */
  readonly logRetentionDays: LogRetentionDays;
  /**
   * Days that audit events are kept, 30 to 3,653. A change counts for events that are written after it; each keeps the time
   * that it was written with. Default 400, so that a year can be compared with the one before.
   */
  readonly auditRetentionDays: number;
  /**
   * The origin whose scripts may call `/admin` and `/api`, for example `https://console.example.com`, or `*` for any;
   * never with credentials. Protocol endpoints that browsers need answer any origin regardless. Default: none.
   */
  readonly corsOrigin?: string;
  /**
   * Concurrent executions set aside, out of the account's quota, for the token endpoint and for each authorizer, so that
   * nothing else in the account can starve them. Default: none.
   */
  readonly reservedConcurrency: { readonly token?: number; readonly authorizer?: number };
  /** Requests a second, and at once, that API Gateway lets through to each API. Default 1,000 and 2,000. */
  readonly throttling: { readonly requestsPerSecond: number; readonly burst: number };
  /**
   * Whether the data stack sets the account's role for API Gateway logs: one setting per account and Region. Switch it
   * off where the account already has one. Default true.
   */
  readonly apiGatewayAccount: boolean;
  /**
   * Base URLs, without a slash at the end, of the team's own APIs: the audience of the rights that `src/api/rights.ts`
   * gives to an API of that name. Default: none.
   */
  readonly resourceServers: Readonly<Record<string, string>>;
  /** Who is told of alarms, by e-mail. Default: nobody; the topic's ARN is an output of the data stack. */
  readonly alarmEmail?: string;
}

export type LegacyGrant = (typeof legacyGrants)[number];

const legacyGrants = ['implicit', 'password'] as const;

export type LogRetentionDays = (typeof logRetentionDays)[number];

const logRetentionDays = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
] as const;

const defaults: Stage = {
  name: 'Latchkey',
  removalPolicy: 'retain',
  signingKeys: [{ name: 'rs256-1', algorithm: 'RS256' }],
  signingAlgorithm: 'RS256',
  webhookKeys: ['webhook-1'],
  tokenLifetimeSeconds: 3600,
  revocationBoundSeconds: 5,
  refreshTokenLifetimeSeconds: 2_592_000,
  refreshTokenIdleSeconds: 604_800,
  sessionLifetimeSeconds: 43_200,
  legacyGrants: [],
  dpop: false,
  secretRetrieval: true,
  waf: false,
  wafRequestsPerFiveMinutes: 10_000,
  logRetentionDays: 90,
  auditRetentionDays: 400,
  reservedConcurrency: {},
  throttling: { requestsPerSecond: 1000, burst: 2000 },
  apiGatewayAccount: true,
  resourceServers: {},
};

/**
 * A stage with the given options and the defaults of the rest.
 *
 * @throws Error naming every option that is not acceptable
 */
export function stage(options: Partial<Stage> = {}): Stage {
  const chosen: Stage = { ...defaults, ...options };
  const faults = faultsOf(chosen);
  if (faults.length > 0) throw new Error(`lib/stage.ts: ${faults.join('; ')}`);
  return chosen;
}

function faultsOf(chosen: Stage): string[] {
  return [
    ...unless(
      /^(?!aws|ssm)[a-z][a-z0-9-]{0,63}$/i.test(chosen.name),
      'name: letters, digits and hyphens, at most 64, not beginning with aws or ssm',
    ),
    ...signingKeyFaults(chosen),
    ...unless(
      chosen.webhookKeys.length > 0 &&
        new Set(chosen.webhookKeys).size === chosen.webhookKeys.length &&
        chosen.webhookKeys.every((name) => /^[a-z][a-z0-9-]{0,31}$/.test(name)),
      'webhookKeys: one or more names of lower-case letters, digits and hyphens, at most 32, each once',
    ),
    ...unless(within(chosen.tokenLifetimeSeconds, 60, 86_400), 'tokenLifetimeSeconds: a whole number, 60 to 86400'),
    ...unless(
      within(chosen.refreshTokenLifetimeSeconds, 600, 31_536_000),
      'refreshTokenLifetimeSeconds: a whole number, 600 to 31536000',
    ),
    ...unless(
      within(chosen.refreshTokenIdleSeconds, 600, chosen.refreshTokenLifetimeSeconds),
      'refreshTokenIdleSeconds: a whole number, 600 to refreshTokenLifetimeSeconds',
    ),
    ...unless(
      within(chosen.sessionLifetimeSeconds, 300, 2_592_000),
      'sessionLifetimeSeconds: a whole number, 300 to 2592000',
    ),
    ...unless(
      chosen.legacyGrants.every((named) => legacyGrants.includes(named)) &&
        new Set(chosen.legacyGrants).size === chosen.legacyGrants.length,
      `legacyGrants: of ${legacyGrants.join(' and ')}, each once`,
    ),
    ...unless(within(chosen.revocationBoundSeconds, 0, 300), 'revocationBoundSeconds: a whole number, 0 to 300'),
    ...unless(
      within(chosen.wafRequestsPerFiveMinutes, 100, 2_000_000_000),
      'wafRequestsPerFiveMinutes: a whole number, 100 to 2000000000',
    ),
    ...unless(logRetentionDays.includes(chosen.logRetentionDays), `logRetentionDays: ${logRetentionDays.join(', ')}`),
    ...unless(within(chosen.auditRetentionDays, 30, 3653), 'auditRetentionDays: a whole number, 30 to 3653'),
    ...unless(isCorsOrigin(chosen.corsOrigin), 'corsOrigin: an origin such as https://console.example.com, or *'),
    ...unless(
      [chosen.reservedConcurrency.token, chosen.reservedConcurrency.authorizer].every(
        (reserved) => reserved === undefined || within(reserved, 1, 1_000_000),
      ),
      'reservedConcurrency: whole numbers from 1',
    ),
    ...unless(
      within(chosen.throttling.requestsPerSecond, 1, 1_000_000) && within(chosen.throttling.burst, 1, 1_000_000),
      'throttling: whole numbers from 1',
    ),
    ...domainFaults(chosen.domain),
    ...Object.entries(chosen.resourceServers).flatMap(([name, url]) =>
      unless(
        /^[a-z][a-z0-9-]*$/.test(name) && !['admin', 'api', 'auth'].includes(name) && isBaseUrl(url),
        `resourceServers.${name}: an https base URL without a slash at the end, under a name of its own`,
      ),
    ),
  ];
}

function signingKeyFaults({ signingKeys, signingAlgorithm }: Stage): string[] {
  const names = signingKeys.map((key) => key.name);
  const live = new Set(signingKeys.filter((key) => key.state !== 'revoked').map((key) => key.algorithm));
  return [
    ...unless(
      names.every((name) => /^[a-z][a-z0-9-]{0,31}$/.test(name)),
      'signingKeys: a name is lower-case letters, digits and hyphens, at most 32',
    ),
    ...unless(new Set(names).size === names.length, 'signingKeys: a name is used once'),
    ...unless(live.has('RS256'), 'signingKeys: one RS256 key that is not revoked is required'),
    ...unless(live.has(signingAlgorithm), `signingKeys: none that is not revoked is for ${signingAlgorithm}`),
  ];
}

function domainFaults(domain: DomainOptions | undefined): string[] {
  if (domain === undefined) return [];
  return [
    ...unless(/^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$/.test(domain.name), 'domain.name: a host name alone'),
    ...unless(/^arn:[^:]+:acm:/.test(domain.certificateArn), 'domain.certificateArn: the ARN of an ACM certificate'),
    // A name outside of the zone would become a record below the zone's own name.
    ...unless(
      domain.hostedZone === undefined || `.${domain.name}`.endsWith(`.${domain.hostedZone.name}`),
      'domain.hostedZone.name: the zone that the name is in, without a dot at the end',
    ),
  ];
}

function unless(acceptable: boolean, fault: string): string[] {
  return acceptable ? [] : [fault];
}

function within(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}

function isCorsOrigin(origin: string | undefined): boolean {
  if (origin === undefined || origin === '*') return true;
  return URL.canParse(origin) && new URL(origin).origin === origin;
}

function isBaseUrl(url: string): boolean {
  return URL.canParse(url) && new URL(url).protocol === 'https:' && !url.endsWith('/') && !/[?#]/.test(url);
}
