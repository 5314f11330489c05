import { decodeJwt } from 'jose';
import { beforeEach, describe, expect, it } from 'vitest';
import type { OAuthError } from '../../../../src/oauth/errors.ts';
import { exchangeToken } from '../../../../src/oauth/token-endpoint.ts';
import { credentialsOf, formRequest, issuer, registered, settings } from '../authorization-server.ts';
import { appOf, type GrantScene, grantScene, publicAppOf } from '../grants/scene.ts';
import { newProver } from './proofs.ts';

type Prover = Awaited<ReturnType<typeof newProver>>;
type Parameters = Readonly<Record<string, string>>;

const url = `${issuer}/oauth2/token`;
let scene: GrantScene;
let prover: Prover;
let nonce: string;
beforeEach(async () => {
  await use(appOf());
});
async function use(app: ReturnType<typeof appOf>) {
  scene = await grantScene(app);
  prover = await newProver();
  nonce = await scene.ports.dpop.nonces.current();
}

let proofs = 0;
const proofOf = (who: Prover = prover, changes: Readonly<Record<string, unknown>> = {}) =>
  who.sign({ htm: 'POST', htu: url, iat: scene.time.now / 1000, jti: `jti-${++proofs}`, nonce, ...changes });

async function send(parameters: Parameters, dpop: readonly string[], { dpopOn = true } = {}) {
  const { integration } = scene.app;
  const credentials =
    integration.tokenEndpointAuthMethod === 'none' ? { client_id: integration.clientId } : credentialsOf(scene.app);
  const http = formRequest({ ...credentials, ...parameters }, { dpop });
  return exchangeToken(http, { ...settings, dpop: dpopOn }, scene.ports);
}
const errorOf = (sent: Promise<unknown>): Promise<Partial<OAuthError>> =>
  sent.then(
    () => ({ code: 'issued' }),
    (error) => error,
  );
const codeParameters = async (...args: globalThis.Parameters<GrantScene['code']>) =>
  (await scene.code(...args)).parameters;

describe('with a proof of its key a client is given tokens that are bound to it', () => {
  it('of any grant', async () => {
    const answer = await send(await codeParameters(), [await proofOf()]);
    expect(answer.token_type).toBe('DPoP');
    expect(decodeJwt(answer.access_token).cnf).toEqual({ jkt: prover.thumbprint });
    await use(registered(['issues:read']));
    const machine = await send({ grant_type: 'client_credentials' }, [await proofOf()]);
    expect(decodeJwt(machine.access_token).cnf).toEqual({ jkt: prover.thumbprint });
  });

  it('where the stage offers it: elsewhere the header is not read', async () => {
    const answer = await send(await codeParameters(), ['no proof'], { dpopOn: false });
    expect(answer.token_type).toBe('Bearer');
    expect(decodeJwt(answer.access_token)).not.toHaveProperty('cnf');
  });

  it.each<[string, () => Promise<readonly string[]>]>([
    ['two proofs', async () => [await proofOf(), await proofOf()]],
    ['no JWT', async () => ['x']],
    ['a proof for another URL', async () => [await proofOf(prover, { htu: `${issuer}/oauth2/revoke` })]],
    ['a proof for another method', async () => [await proofOf(prover, { htm: 'GET' })]],
    ['a proof of a minute ago', async () => [await proofOf(prover, { iat: scene.time.now / 1000 - 61 })]],
  ])('%s: invalid_dpop_proof, and nothing is spent', async (_, headers) => {
    const parameters = await codeParameters();
    expect((await errorOf(send(parameters, await headers()))).code).toBe('invalid_dpop_proof');
    expect((await errorOf(send(parameters, [await proofOf()]))).code).toBe('issued');
  });

  it('for each proof once, of ten at once one', async () => {
    await use(registered(['issues:read']));
    const proof = await proofOf();
    const sent = Array.from({ length: 10 }, () => errorOf(send({ grant_type: 'client_credentials' }, [proof])));
    const codes = (await Promise.all(sent)).map(({ code }) => code);
    expect(codes.sort()).toEqual([...Array(9).fill('invalid_dpop_proof'), 'issued']);
  });

  it('and nothing without one where its tokens are all to be bound', async () => {
    await use(registered(['issues:read'], { dpopBoundAccessTokens: true }));
    const request = { grant_type: 'client_credentials' };
    for (const dpopOn of [true, false])
      expect((await errorOf(send(request, [], { dpopOn }))).code).toBe('invalid_dpop_proof');
    expect((await errorOf(send(request, [await proofOf()]))).code).toBe('issued');
  });
});

describe('a nonce', () => {
  it.each([
    ['is missing', undefined],
    ['is not ours', 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'],
  ])('that %s is answered with one to use', async (_, sent) => {
    const parameters = await codeParameters();
    const refused = await errorOf(send(parameters, [await proofOf(prover, { nonce: sent })]));
    expect(refused).toMatchObject({ code: 'use_dpop_nonce', status: 400, headers: { 'DPoP-Nonce': nonce } });
    expect((await errorOf(send(parameters, [await proofOf()]))).code).toBe('issued');
  });

  it('is good for minutes, and not for longer', async () => {
    await use(registered(['issues:read']));
    const request = { grant_type: 'client_credentials' };
    scene.time.now += 150_000;
    expect((await errorOf(send(request, [await proofOf()]))).code).toBe('issued');
    scene.time.now += 150_000;
    expect((await errorOf(send(request, [await proofOf()]))).code).toBe('use_dpop_nonce');
  });
});

describe('refresh tokens', () => {
  const refreshed = (token: string | undefined, who?: Prover) => async () =>
    errorOf(send(scene.refresh(token), who === undefined ? [] : [await proofOf(who)]));

  it("of a public client are its key's alone, which cannot be changed or left out", async () => {
    await use(publicAppOf());
    const { refresh_token } = await send(await codeParameters(), [await proofOf()]);
    expect((await refreshed(refresh_token)()).code).toBe('invalid_grant');
    expect((await refreshed(refresh_token, await newProver())()).code).toBe('invalid_grant');
    expect((await refreshed(refresh_token, prover)()).code).toBe('issued');
  });

  it('of a confidential client are bound to its credentials, and it may change its key (RFC 9449 §5)', async () => {
    const { refresh_token } = await send(await codeParameters(), [await proofOf()]);
    const other = await newProver();
    const answer = await send(scene.refresh(refresh_token), [await proofOf(other)]);
    expect(decodeJwt(answer.access_token).cnf).toEqual({ jkt: other.thumbprint });
  });

  it('of a public client are bound from the first proof on (RFC 9449 §5)', async () => {
    await use(publicAppOf());
    const { refresh_token } = await send(await codeParameters(), []);
    const next = await send(scene.refresh(refresh_token), [await proofOf()]);
    expect((await refreshed(next.refresh_token)()).code).toBe('invalid_grant');
    expect((await refreshed(next.refresh_token, prover)()).code).toBe('issued');
  });

  it('that come again with the same key within the tolerance have the same successor, with another end the family', async () => {
    await use(publicAppOf());
    const { refresh_token } = await send(await codeParameters(), [await proofOf()]);
    const next = await send(scene.refresh(refresh_token), [await proofOf()]);
    const again = await send(scene.refresh(refresh_token), [await proofOf()]);
    expect(again.refresh_token).toBe(next.refresh_token);
    expect((await refreshed(refresh_token, await newProver())()).code).toBe('invalid_grant');
    expect((await refreshed(next.refresh_token, prover)()).code).toBe('invalid_grant');
  });
});

it('a code that was asked for with dpop_jkt is redeemed with that key alone (RFC 9449 §10)', async () => {
  const parameters = await codeParameters({ keyThumbprint: prover.thumbprint });
  expect((await errorOf(send(parameters, []))).code).toBe('invalid_grant');
  expect((await errorOf(send(parameters, [await proofOf(await newProver())]))).code).toBe('invalid_grant');
  expect((await errorOf(send(parameters, [await proofOf()]))).code).toBe('issued');
});
