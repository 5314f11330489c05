import { randomUUID } from 'node:crypto';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { handler as metadataHandler } from '../../../functions/auth/openid-configuration.ts';
import { handler } from '../../../functions/auth/token.ts';
import { environment } from '../../../src/environment.ts';
import { issuer, registered } from '../../src/oauth/authorization-server.ts';
import { newProver } from '../../src/oauth/dpop/proofs.ts';
import { callHandler } from '../deployment.ts';
import { deployAuthorizationServer, formOf } from './authorization-server.ts';

const client = registered(['issues:read']);
const prover = await newProver();
const url = `${issuer}/oauth2/token`;
let server: Awaited<ReturnType<typeof deployAuthorizationServer>>;
beforeAll(async () => {
  server = await deployAuthorizationServer(client);
  process.env[environment.dpop] = 'on';
});
afterAll(async () => {
  delete process.env[environment.dpop];
  await server.close();
});

const proofOf = (nonce: string | undefined, jti: string = randomUUID()) =>
  prover.sign({
    htm: 'POST',
    htu: url,
    iat: Math.floor(Date.now() / 1000),
    jti,
    ...(nonce !== undefined && { nonce }),
  });

async function ask(proof?: string) {
  const { headers, body } = formOf(client, { grant_type: 'client_credentials' });
  const sent = { ...headers, ...(proof !== undefined && { DPoP: proof }) };
  return callHandler(handler)('POST /oauth2/token', { headers: sent, body });
}
const nonceOf = async () => String((await ask(await proofOf(undefined))).headers['DPoP-Nonce']);

describe('with dpop on, the token endpoint', () => {
  it('answers a proof without its nonce with the nonce, which scripts of any origin may read', async () => {
    const answer = await ask(await proofOf(undefined));
    expect(answer).toMatchObject({
      status: 400,
      headers: {
        'DPoP-Nonce': expect.stringMatching(/^[\w-]{43}$/),
        'Access-Control-Expose-Headers': expect.stringContaining('DPoP-Nonce'),
        'Cache-Control': 'no-store',
      },
      body: { error: 'use_dpop_nonce' },
    });
  });

  it('binds the token to the key, tells the nonce for the next proof, and takes each proof once', async () => {
    const nonce = await nonceOf();
    const proof = await proofOf(nonce);
    const answer = await ask(proof);
    expect(answer).toMatchObject({ status: 200, headers: { 'DPoP-Nonce': nonce }, body: { token_type: 'DPoP' } });
    expect(decodeJwt(answer.body.access_token).cnf).toEqual({ jkt: prover.thumbprint });
    expect(await ask(proof)).toMatchObject({ status: 400, body: { error: 'invalid_dpop_proof' } });
  });

  it('takes one of ten uses of a proof at the same time', async () => {
    const proof = await proofOf(await nonceOf());
    const answers = await Promise.all(Array.from({ length: 10 }, () => ask(proof)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(9).fill(400)]);
  });

  it('costs one write with a proof, and none without', async () => {
    const nonce = await nonceOf();
    server.calls();
    expect((await ask(await proofOf(nonce))).status).toBe(200);
    expect(server.calls()).toEqual(['BatchGetItem', 'PutItem', 'Sign']);
    const plain = await ask();
    expect(server.calls()).toEqual(['BatchGetItem', 'Sign']);
    expect(plain.body.token_type).toBe('Bearer');
    expect(plain.headers).not.toHaveProperty('DPoP-Nonce');
  });

  it('uses up no proof of a client that does not authenticate', async () => {
    const proof = await proofOf(await nonceOf());
    server.calls();
    const { headers, body } = formOf({ ...client, secret: 'wrong' }, { grant_type: 'client_credentials' });
    const answer = await callHandler(handler)('POST /oauth2/token', { headers: { ...headers, DPoP: proof }, body });
    expect(answer).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
    // The proof is not used up: what is written tells the log of the refusal, once an hour.
    expect(server.calls()).toEqual(['BatchGetItem', 'GetItem', 'TransactWriteItems']);
  });
});

it('the metadata names the algorithms of proofs', async () => {
  const { body } = await callHandler(metadataHandler)('GET /.well-known/openid-configuration');
  expect(body.dpop_signing_alg_values_supported).toContain('ES256');
});
