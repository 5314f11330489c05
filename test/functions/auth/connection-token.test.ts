import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { handler as introspectHandler } from '../../../functions/auth/introspect.ts';
import { handler as tokenHandler } from '../../../functions/auth/token.ts';
import { applicationKey } from '../../../src/adapters/dynamodb/application.ts';
import type { ApplicationStanding } from '../../../src/entities/application.ts';
import { newTenantBoundId, newTenantId } from '../../../src/entities/identifiers.ts';
import { credentialsOf, registered } from '../../src/oauth/authorization-server.ts';
import { callHandler } from '../deployment.ts';
import { deployAuthorizationServer, form, formOf } from './authorization-server.ts';

const id = newTenantBoundId('app', newTenantId(randomBytes), randomBytes);
const connection = registered(['issues:read', 'users:read', 'boards:read'], {
  application: {
    id,
    acceptedVersion: 2,
    rights: { 'issues:read': { since: 1 }, 'users:read': { since: 2 }, 'boards:read': { since: 1 } },
  },
  grantTypes: ['client_credentials', 'refresh_token'],
});
const asking = registered(['tokens:introspect']);
const published: ApplicationStanding = {
  status: 'published',
  rights: { 'issues:read': { since: 1 }, 'users:read': { since: 2 }, 'boards:read': { since: 1 } },
};

const token = callHandler(tokenHandler);
const introspect = callHandler(introspectHandler);
const ask = (parameters: Readonly<Record<string, string>> = {}) =>
  token('POST /oauth2/token', formOf(connection, { grant_type: 'client_credentials', ...parameters }));
const introspected = async (presented: string) =>
  (await introspect('POST /oauth2/introspect', formOf(asking, { token: presented }))).body;

let server: Awaited<ReturnType<typeof deployAuthorizationServer>>;
const put = (application: ApplicationStanding) => server.table.put({ ...applicationKey(id), ...application });
beforeAll(async () => {
  server = await deployAuthorizationServer(connection, asking);
  await put(published);
  await ask();
});
beforeEach(async () => {
  await put(published);
  server.calls();
});
afterAll(() => server.close());

describe('a connection', () => {
  it('is given tokens that name its application, with one read more than any other client', async () => {
    const { status, body } = await ask();
    expect(status).toBe(200);
    const claims = JSON.parse(Buffer.from(body.access_token.split('.')[1], 'base64url').toString());
    expect(claims.app).toBe(id);
    expect(server.calls().slice(0, 2)).toEqual(['BatchGetItem', 'GetItem']);
    expect(await introspected(body.access_token)).toMatchObject({ active: true, scope: body.scope });
  });

  it.each(['withdrawn', 'banned'] as const)(
    'of an application that is %s is no client, and has no tokens',
    async (status) => {
      const { body } = await ask();
      await put({ ...published, status });
      const refused = [await ask(), await ask({ grant_type: 'refresh_token', refresh_token: body.refresh_token })];
      const { client_secret } = credentialsOf(connection);
      const unknown = `${connection.integration.clientId.slice(0, -4)}0000`;
      const never = await token(
        'POST /oauth2/token',
        form({ grant_type: 'client_credentials', client_id: unknown, client_secret }),
      );
      for (const answer of refused) expect(answer).toMatchObject({ status: 401, body: never.body });
      for (const presented of [body.access_token, body.refresh_token])
        expect(await introspected(presented)).toEqual({ active: false });
      await put(published);
      for (const presented of [body.access_token, body.refresh_token])
        expect(await introspected(presented)).toMatchObject({ active: true });
      expect((await ask({ grant_type: 'refresh_token', refresh_token: body.refresh_token })).status).toBe(200);
    },
  );

  it('has no right that its application gave up, nor one that it asked for anew in a version not accepted', async () => {
    const { body } = await ask();
    const { 'boards:read': _, ...rights } = published.rights;
    await put({ ...published, rights: { ...rights, 'users:read': { since: 3 } } });
    expect(await introspected(body.access_token)).toMatchObject({ active: true, scope: 'issues:read' });
    expect((await ask()).body.scope).toBe('issues:read');
    expect((await ask({ scope: 'users:read' })).body.error).toBe('invalid_scope');
    const refreshed = await ask({ grant_type: 'refresh_token', refresh_token: body.refresh_token });
    expect(refreshed.body.scope).toBe('issues:read');
  });
});
