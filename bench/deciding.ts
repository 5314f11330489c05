import { verify } from 'node:crypto';
import { JwtVerifier } from 'aws-jwt-verify';
import type { APIGatewayRequestAuthorizerEvent } from 'aws-lambda';
import { authorizer } from '../functions/authorizer/authorizer.ts';
import { integrationsInMemory } from '../src/adapters/memory/integration.ts';
import { livenessInMemory } from '../src/adapters/memory/liveness.ts';
import { revokedTokensInMemory } from '../src/adapters/memory/revoked-token.ts';
import { createKeyRing } from '../src/oauth/access-token/key-ring.ts';
import { createAccessTokenVerifier } from '../src/oauth/access-token/verifier.ts';
import { accessTokens, signingKey, verifyingKey } from './deciding/tokens.ts';
import { integration } from './integration.ts';
import { audience, issuer } from './issuing/client.ts';
import { rate, ratioGoal, rendered, type Section } from './report.ts';
import { compared } from './rounds.ts';

/** More than the authorizer remembers, so that in their order none of them is known when it returns. */
const tokenCount = 4_000;
const repeatedCount = 100;
const repeats = 40_000;
const rounds = 15;

/** How many decisions a second the authorizer makes in process, warm. */
export async function deciding(): Promise<Section> {
  const tokens = accessTokens(tokenCount);
  const events = tokens.map(eventOf);
  const decide = latchkey();
  const library = awsJwtVerify();
  const contestants = {
    raw: () => perSecond(tokenCount, (index) => rawVerification(tokens[index] ?? '')),
    library: () => perSecond(tokenCount, (index) => library(tokens[index] ?? '')),
    anew: () => perSecond(tokenCount, (index) => decide(events[index] ?? eventOf(''))),
    again: () => perSecond(repeats, (index) => decide(events[index % repeatedCount] ?? eventOf(''))),
  };
  const figures = await compared(contestants, rounds, 'higher');
  const of = (name: keyof typeof contestants) => figures[name] ?? Number.NaN;
  const row = (name: string, key: keyof typeof contestants) => [
    name,
    rate(of(key)),
    (of(key) / of('library')).toFixed(2),
  ];
  return {
    title: 'Deciding on a request',
    how: [
      'In process, warm, RS256 tokens of RFC 9068. The decision is the whole handler of the authorizer, from event to',
      'policy, its table in memory: signature, claims, what kills a token, rights. Peers verify the token and no more.',
    ].join('\n'),
    columns: ['what', 'a second of processor time', 'of `aws-jwt-verify`'],
    rows: [
      row('RS256 verification with `node:crypto` alone', 'raw'),
      row('`aws-jwt-verify`, verification alone', 'library'),
      row('Latchkey, whole decision on a token not seen before', 'anew'),
      row('Latchkey, whole decision on a token verified before', 'again'),
    ],
    goals: [
      ratioGoal('at least as fast as `aws-jwt-verify` verifying alone', of('anew') / of('library'), { atLeast: 1 }),
      ratioGoal('ten times as fast on a token verified before', of('again') / of('library'), { atLeast: 10 }),
    ],
  };
}

/** Calls a second of processor time, made one after the other. */
async function perSecond(count: number, call: (index: number) => unknown): Promise<number> {
  const started = process.cpuUsage();
  for (let index = 0; index < count; index++) {
    const answer = call(index);
    if (answer instanceof Promise) await answer;
  }
  const { user, system } = process.cpuUsage(started);
  return count / ((user + system) / 1e6);
}

function rawVerification(token: string): void {
  const end = token.lastIndexOf('.');
  const signature = Buffer.from(token.slice(end + 1), 'base64url');
  if (!verify('sha256', Buffer.from(token.slice(0, end)), verifyingKey, signature)) throw new Error('not verified');
}

function awsJwtVerify(): (token: string) => unknown {
  const verifier = JwtVerifier.create({ issuer, audience, jwksUri: `${issuer}/.well-known/jwks.json` });
  const { kid, algorithm, publicJwk } = signingKey;
  verifier.cacheJwks({ keys: [{ kid, alg: algorithm, use: 'sig', kty: 'RSA', ...publicJwk }] });
  return (token) => verifier.verifySync(token);
}

function latchkey() {
  const clock = { now: () => Date.now() };
  const reader = { list: async () => [signingKey] };
  const keys = createKeyRing(reader, clock);
  const verifier = createAccessTokenVerifier({ keys, clock, issuer, audience });
  const liveness = livenessInMemory(integrationsInMemory(integration), revokedTokensInMemory(), reader);
  return authorizer({
    rows: [{ resource: '/v1/issues', method: 'GET', right: 'issues:read' }],
    status: () => ({ verifier, keys, liveness, clock }),
    uses: () => ({ noteUse: async () => {} }),
    origin: () => 'https://api.example',
    count: (name) => {
      throw new Error(name);
    },
  });
}

/** The members of API Gateway's event that the authorizer reads. */
function eventOf(token: string): APIGatewayRequestAuthorizerEvent {
  const event: Partial<APIGatewayRequestAuthorizerEvent> = {
    methodArn: 'arn:aws:execute-api:eu-west-1:123456789012:abcdef/api/GET/v1/issues',
    resource: '/v1/issues',
    httpMethod: 'GET',
    multiValueHeaders: { Host: ['api.example'], Authorization: [`Bearer ${token}`] },
    pathParameters: null,
  };
  return { ...event, requestContext: { requestId: 'bench' } } as APIGatewayRequestAuthorizerEvent;
}

if (import.meta.main) console.log(rendered(await deciding()));
