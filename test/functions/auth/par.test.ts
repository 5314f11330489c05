import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { handler } from '../../../functions/auth/par.ts';
import { pushedRequests } from '../../../src/adapters/dynamodb/pushed-request.ts';
import { dpopProofsInMemory } from '../../../src/adapters/memory/dpop-proof.ts';
import { newClientId, newTenantId } from '../../../src/entities/identifiers.ts';
import type { PushedRequest } from '../../../src/entities/pushed-request.ts';
import { pushAuthorizationRequest, receivedRequest } from '../../../src/oauth/authorization/pushed-request.ts';
import {
  formOf as authorizationForm,
  nativeApp,
  parametersOf,
  refusalOf,
  settings,
  webApp,
} from '../../src/oauth/authorization/scene.ts';
import { authorizationServer, credentialsOf, formRequest, issuer } from '../../src/oauth/authorization-server.ts';
import { newProver } from '../../src/oauth/dpop/proofs.ts';
import { callHandler } from '../deployment.ts';
import { deployAuthorizationServer, form, formOf } from './authorization-server.ts';

const app = webApp(['issues:read'], { requirePushedAuthorizationRequests: true });
const spa = nativeApp();
const stranger = webApp(['issues:read'], { tenant: newTenantId(randomBytes) });
const parameters = parametersOf(app.integration) as Record<string, string>;
const call = callHandler(handler);
const push = (changes: Record<string, string> = {}, who = app) =>
  call('POST /oauth2/par', formOf(who, { ...parametersOf(who.integration), ...changes } as Record<string, string>));

let server: Awaited<ReturnType<typeof deployAuthorizationServer>>;
beforeAll(async () => {
  server = await deployAuthorizationServer(app, spa, stranger);
});
afterAll(() => server.close());

/** A browser comes with what was pushed. */
function bring(request_uri: string, clientId = app.integration.clientId, now = Date.now()) {
  return receivedRequest(authorizationForm({ client_id: clientId, request_uri, scope: 'openid users:manage' }), {
    clock: { now: () => now },
    pushedRequests: pushedRequests(server.table, randomBytes),
  });
}

describe('201', () => {
  it('answers where the request is kept for a while, to any origin, and nobody keeps the answer', async () => {
    const answer = await push();
    expect(answer).toMatchObject({
      status: 201,
      headers: { 'Cache-Control': 'no-store', 'Access-Control-Allow-Origin': '*' },
      body: { request_uri: expect.stringMatching(/^urn:ietf:params:oauth:request_uri:req_\w{38}$/), expires_in: 90 },
    });
  });

  it('costs one read of the client, and one write', async () => {
    await push();
    server.calls();
    await push();
    expect(server.calls()).toEqual(['BatchGetItem', 'PutItem']);
  });

  it('keeps every parameter, and none that proves the client', async () => {
    const { request_uri } = (await push({ nonce: 'n', resource: 'https://api.example/api/v1' })).body;
    const { form: received, arrival } = await bring(request_uri);
    expect(arrival).toBe('pushed');
    expect(received.values()).toEqual(
      Object.fromEntries(
        Object.entries({ ...parameters, nonce: 'n', resource: 'https://api.example/api/v1' }).map(([name, value]) => [
          name,
          [value],
        ]),
      ),
    );
  });

  it('is for public clients too, and for one that names itself in its credentials alone', async () => {
    const { client_id: _, ...others } = parametersOf(spa.integration) as Record<string, string>;
    const named = { ...others, client_id: spa.integration.clientId };
    expect((await call('POST /oauth2/par', form(named))).status).toBe(201);
    const { client_id: __, ...basic } = parameters;
    const authorization = `Basic ${Buffer.from(`${app.integration.clientId}:${app.secret}`).toString('base64')}`;
    const answer = await call('POST /oauth2/par', form(basic, { Authorization: authorization }));
    expect(answer.status).toBe(201);
    expect((await bring(answer.body.request_uri)).form.get('client_id')).toBe(app.integration.clientId);
  });
});

describe('what was pushed', () => {
  it('is used once, whoever comes first', async () => {
    const { request_uri } = (await push()).body;
    const brought = await Promise.allSettled(Array.from({ length: 10 }, () => bring(request_uri)));
    expect(brought.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await refusalOf(bring(request_uri))).toEqual({ code: 'invalid_request_uri', told: 'the user' });
  });

  it('is all that counts: what the browser adds is not read', async () => {
    const { form: received } = await bring((await push()).body.request_uri);
    expect(received.get('scope')).toBe(parameters.scope);
  });

  it('is there for as long as was said', async () => {
    const [late, early] = [await push(), await push()];
    const refused = await refusalOf(bring(late.body.request_uri, undefined, Date.now() + 90_000));
    expect(refused).toEqual({ code: 'invalid_request_uri', told: 'the user' });
    await expect(bring(early.body.request_uri, undefined, Date.now() + 85_000)).resolves.toBeDefined();
  });

  it("is not there for another client, another tenant's, or nobody, and is not used up by them", async () => {
    const { request_uri } = (await push()).body;
    const others = [spa.integration.clientId, stranger.integration.clientId, '', 'x'];
    for (const clientId of [...others, newClientId(app.integration.tenant, randomBytes)])
      expect(await refusalOf(bring(request_uri, clientId))).toEqual({ code: 'invalid_request_uri', told: 'the user' });
    await expect(bring(request_uri)).resolves.toBeDefined();
  });

  it.each(['', 'x', 'req_', '../req_x', `req_${'a'.repeat(38)}`, `req_${'a'.repeat(37)}#`])(
    'is not found under %j',
    async (id) => {
      const refused = await refusalOf(bring(`urn:ietf:params:oauth:request_uri:${id}`));
      expect(refused).toEqual({ code: 'invalid_request_uri', told: 'the user' });
    },
  );
});

describe('400', () => {
  it.each([
    ['invalid_request', { redirect_uri: 'https://evil.example/callback' }],
    ['invalid_request', { redirect_uri: '' }],
    ['invalid_request', { code_challenge_method: 'plain' }],
    ['invalid_request', { request_uri: 'urn:ietf:params:oauth:request_uri:req_x' }],
    ['invalid_scope', { scope: 'audit:read' }],
    ['unsupported_response_type', { response_type: 'token' }],
    ['request_not_supported', { request: 'eyJ' }],
    ['invalid_target', { resource: 'https://evil.example' }],
  ])('%s in JSON, nothing kept, for %o', async (error, changes) => {
    server.calls();
    expect(await push(changes)).toMatchObject({
      status: 400,
      headers: { 'Content-Type': 'application/json', 'Access-Control-Allow-Origin': '*' },
      body: { error },
    });
    expect(server.calls()).not.toContain('PutItem');
  });

  it('for a repeated parameter', async () => {
    const { headers, body } = formOf(app, parameters);
    const answer = await call('POST /oauth2/par', { headers, body: `${body}&scope=openid` });
    expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
  });
});

describe('401', () => {
  it.each([
    ['a wrong secret', { client_id: app.integration.clientId, client_secret: 'lks_wrong' }],
    ['no secret', { client_id: app.integration.clientId }],
    ['nobody', {}],
  ])('for %s', async (_, credentials) => {
    const { client_id: __, ...others } = parameters;
    const answer = await call('POST /oauth2/par', form({ ...others, ...credentials } as Record<string, string>));
    expect(answer).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
  });
});

it('413 for what nobody reads to its end', async () => {
  expect(await push({ state: 'x'.repeat(70_000) })).toMatchObject({ status: 413, body: { error: 'invalid_request' } });
});

describe('with a proof of a key', () => {
  const url = `${issuer}/oauth2/par`;
  const pushed = async (changes: Record<string, string>, claims: Record<string, unknown> = {}, on = true) => {
    const prover = await newProver();
    const proof = await prover.sign({ htm: 'POST', htu: url, iat: Date.now() / 1000, jti: 'once', ...claims });
    const parameters = { ...parametersOf(app.integration), ...changes } as Record<string, string>;
    const http = formRequest({ ...credentialsOf(app), ...parameters }, { dpop: [proof] });
    const kept: PushedRequest[] = [];
    const ports = {
      ...(await authorizationServer(app)).ports,
      clock: { now: () => Date.now() },
      proofs: dpopProofsInMemory(),
      pushedRequests: { create: async (request: PushedRequest) => void kept.push(request) },
    };
    const push = () => pushAuthorizationRequest(http, { ...settings, dpop: on }, ports);
    return { prover, kept, push };
  };

  it('the request is bound to it, and the proof used up', async () => {
    const { prover, kept, push } = await pushed({});
    await push();
    expect(kept[0]?.parameters.dpop_jkt).toEqual([prover.thumbprint]);
    await expect(push()).rejects.toMatchObject({ code: 'invalid_dpop_proof' });
    expect(kept).toHaveLength(1);
  });

  it('it is refused where it does not hold, or names another key than the request', async () => {
    await expect((await pushed({}, { htu: issuer })).push()).rejects.toMatchObject({ code: 'invalid_dpop_proof' });
    const another = await pushed({ dpop_jkt: 'k'.repeat(43) });
    await expect(another.push()).rejects.toMatchObject({ code: 'invalid_request' });
    expect(another.kept).toEqual([]);
  });

  it('it is not read where the stage binds no tokens', async () => {
    const { kept, push } = await pushed({}, { htu: issuer }, false);
    await push();
    expect(kept[0]?.parameters).not.toHaveProperty('dpop_jkt');
  });
});
