import { beforeAll, describe, expect, test } from 'vitest';
import { authorizer } from '../../../functions/authorizer/authorizer.ts';
import { newScene } from '../../src/oauth/access-token/scene.ts';
import { newProver } from '../../src/oauth/dpop/proofs.ts';
import { authorizerEvent } from './request.ts';

const path = '/api/v1/issues';
const url = `https://api.example${path}`;

let prover: Awaited<ReturnType<typeof newProver>>;
beforeAll(async () => {
  prover = await newProver();
});

/** The gate before an API that accepts bound tokens, or none, and a token that is bound to the prover's key. */
function gate({ dpop = true } = {}) {
  const scene = newScene();
  const used = new Set<string>();
  const faults: (string | undefined)[] = [];
  const authorize = authorizer({
    rows: [{ resource: '/v1/issues', method: 'GET', right: 'issues:read' }],
    status: () => scene.services,
    uses: () => ({ noteUse: async () => {} }),
    origin: () => 'https://api.example',
    possession: dpop
      ? () => ({
          clock: scene.clock,
          proofs: {
            async useOnce({ tenant, thumbprint, jti }) {
              const key = `${tenant} ${thumbprint} ${jti}`;
              return !used.has(key) && used.add(key).has(key);
            },
          },
        })
      : undefined,
    count: (_, { reason }) => {
      faults.push(reason);
    },
  });
  const bound = scene.token({ cnf: { jkt: prover.thumbprint } });
  /** Whether the request is let through. */
  const admits = async (authorization: string, ...proofs: readonly string[]) => {
    const multiValueHeaders = { Authorization: [authorization], Host: ['evil.example'], DPoP: [...proofs] };
    const requestContext = { requestId: 'request-1', path, domainName: 'evil.example' };
    const event = authorizerEvent(undefined, { multiValueHeaders, requestContext: requestContext as never });
    return authorize(event).then(
      ({ policyDocument }) => policyDocument.Statement[0]?.Effect === 'Allow',
      (error: Error) => error.message !== 'Unauthorized',
    );
  };
  const proof = (changes: { readonly method?: string; readonly url?: string; readonly token?: string } = {}) =>
    prover.prove(changes.method ?? 'GET', changes.url ?? url, scene.now, changes.token ?? bound);
  return { ...scene, faults, used, bound, admits, proof };
}

describe('a bound token', () => {
  test('opens with a proof of its key', async () => {
    const { admits, bound, proof, used, faults } = gate();
    expect(await admits(`DPoP ${bound}`, await proof())).toBe(true);
    expect([used.size, faults]).toEqual([1, []]);
  });

  test('opens with each proof once', async () => {
    const { admits, bound, proof, faults } = gate();
    const once = await proof();
    expect(await admits(`DPoP ${bound}`, once)).toBe(true);
    expect(await admits(`DPoP ${bound}`, once)).toBe(false);
    expect(await admits(`DPoP ${bound}`, await proof())).toBe(true);
    expect(faults).toEqual(['DPoP proof used before']);
  });

  test('is refused as a bearer token, with its proof or without', async () => {
    const { admits, bound, proof, used } = gate();
    expect(await admits(`Bearer ${bound}`)).toBe(false);
    expect(await admits(`Bearer ${bound}`, await proof())).toBe(false);
    expect(used.size).toBe(0);
  });

  test('is refused without a proof, and with more than one', async () => {
    const { admits, bound, proof } = gate();
    expect(await admits(`DPoP ${bound}`)).toBe(false);
    expect(await admits(`DPoP ${bound}`, await proof(), await proof())).toBe(false);
    expect(await admits(`DPoP ${bound}`, `${await proof()}, ${await proof()}`)).toBe(false);
  });

  test.each([
    ['for another method', { method: 'POST' }],
    ['for another path', { url: 'https://api.example/api/v1/users' }],
    ['for the host that the request names', { url: `https://evil.example${path}` }],
    ['for another token', { token: 'a.b.c' }],
  ])('is refused with a proof %s', async (_, changes) => {
    const { admits, bound, proof, used } = gate();
    expect(await admits(`DPoP ${bound}`, await proof(changes))).toBe(false);
    expect(used.size).toBe(0);
  });

  test('is refused with a proof of another key', async () => {
    const { admits, bound, now, faults } = gate();
    const thief = await newProver();
    expect(await admits(`DPoP ${bound}`, await thief.prove('GET', url, now, bound))).toBe(false);
    expect(faults).toEqual(['a DPoP proof of another key']);
  });

  test('that is dead uses up no proof', async () => {
    const { admits, token, proof, used } = gate();
    const dead = token({ cnf: { jkt: prover.thumbprint }, cred: 'sec_gone' });
    expect(await admits(`DPoP ${dead}`, await proof({ token: dead }))).toBe(false);
    expect(used.size).toBe(0);
  });
});

test('a token without a key is refused with a proof, and opens without', async () => {
  const { admits, token, proof } = gate();
  const unbound = token();
  expect(await admits(`DPoP ${unbound}`, await proof({ token: unbound }))).toBe(false);
  expect(await admits(`Bearer ${unbound}`)).toBe(true);
});

test('an API that accepts no bound tokens refuses every one, however well it is proved', async () => {
  const { admits, bound, proof, token, faults } = gate({ dpop: false });
  expect(await admits(`DPoP ${bound}`, await proof())).toBe(false);
  expect(await admits(`Bearer ${bound}`)).toBe(false);
  expect(await admits(`Bearer ${token()}`)).toBe(true);
  expect(new Set(faults)).toEqual(new Set(['bound tokens are not accepted here']));
});
