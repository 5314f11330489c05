import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { handler as introspectHandler } from '../../../functions/auth/introspect.ts';
import { handler } from '../../../functions/auth/token.ts';
import { projectItemKey } from '../../../src/adapters/dynamodb/project.ts';
import { projectRightsItem } from '../../../src/adapters/dynamodb/project-rights.ts';
import { lengthOfDetails, projectGrantsLimit } from '../../../src/entities/project-rights.ts';
import { type ByProject, inProjects, itemsOf, projectRightsOf } from '../../project-grants.ts';
import { registered } from '../../src/oauth/authorization-server.ts';
import { callHandler } from '../deployment.ts';
import { deployAuthorizationServer, formOf } from './authorization-server.ts';

const detailsOf = (byProject: ByProject) =>
  Object.entries(byProject).map(([identifier, actions]) => ({ type: 'project', identifier, actions }));

const few = registered(['users:read']);
const fewGrants = { PRJ: ['issues:write'], SHOP: ['issues:read', 'boards:read'] };
const many = registered(['users:read', 'boards:read'], { grantTypes: ['client_credentials', 'refresh_token'] });
const alone = registered(['users:read']);
const manyGrants = inProjects(100, 'issues:read');

const call = callHandler(handler);
const introspect = callHandler(introspectHandler);
type Asked = Readonly<Record<string, string>>;
const ask = (who: typeof few, asked: Asked = {}) =>
  call('POST /oauth2/token', formOf(who, { grant_type: 'client_credentials', ...asked }));
const naming = (byProject: ByProject) => ({ authorization_details: JSON.stringify(detailsOf(byProject)) });

let server: Awaited<ReturnType<typeof deployAuthorizationServer>>;
beforeAll(async () => {
  server = await deployAuthorizationServer(few, many, alone);
  for (const [who, grants] of [[few, fewGrants] as const, [many, manyGrants] as const, [alone, manyGrants] as const])
    for (const item of itemsOf(who.integration, grants)) await server.table.put(item);
  // What the first use of a secret in an hour writes is written now.
  for (const who of [few, many, alone]) await ask(who, { scope: 'users:read' });
});
beforeEach(() => void server.calls());
afterAll(() => server.close());

describe('a client that is granted rights in a few projects', () => {
  it('is given all of them where it names nothing, in the token and in the answer, with one read', async () => {
    const { status, body } = await ask(few);
    expect({ status, body }).toMatchObject({
      status: 200,
      body: { scope: 'users:read', authorization_details: detailsOf(fewGrants) },
    });
    const claims = JSON.parse(Buffer.from(body.access_token.split('.')[1], 'base64url').toString());
    expect(claims.authorization_details).toEqual(body.authorization_details);
    expect(server.calls()).toEqual(['BatchGetItem', 'Sign']);
  });

  it('is given a right that it names in each project where it holds it, and in none globally', async () => {
    const { body } = await ask(few, { scope: 'issues:read' });
    expect(body).not.toHaveProperty('scope');
    expect(body.authorization_details).toEqual(detailsOf({ PRJ: ['issues:read'], SHOP: ['issues:read'] }));
  });

  it('narrows to the projects that it names', async () => {
    const named = { PRJ: ['issues:read'] };
    const { body } = await ask(few, naming(named));
    expect(body).not.toHaveProperty('scope');
    expect(body.authorization_details).toEqual(detailsOf(named));
    expect(server.calls()).toEqual(['BatchGetItem', 'Sign']);
  });

  it.each<[string, Asked, string]>([
    ['a right in a project where it is not held', naming({ PRJ: ['boards:read'] }), 'invalid_authorization_details'],
    ['a project where nothing is held', naming({ NONE: ['issues:read'] }), 'invalid_authorization_details'],
    ['malformed details', { authorization_details: '[' }, 'invalid_authorization_details'],
    [
      'a key that is none',
      { authorization_details: JSON.stringify([{ type: 'project', identifier: 'PRJ#', actions: ['issues:read'] }]) },
      'invalid_authorization_details',
    ],
    ['a right that is held nowhere', { scope: 'checklists:read' }, 'invalid_scope'],
  ])('is refused %s', async (_, asked, error) => {
    expect(await ask(few, asked)).toMatchObject({ status: 400, body: { error } });
    expect(server.calls()).toEqual(['BatchGetItem']);
  });
});

describe('a client that holds rights in more projects than fit into a token', () => {
  const tooMany = { error: 'invalid_scope', error_description: expect.stringContaining('authorization_details') };

  it.each<[string, Asked]>([
    ['everything', {}],
    ['a right that it holds in projects alone', { scope: 'issues:read' }],
    ['that beside details of another', { scope: 'issues:read', ...naming({ AA: ['boards:read'] }) }],
  ])('is told to name projects where it asks for %s', async (_, asked) => {
    expect(await ask(many, asked)).toMatchObject({ status: 400, body: tooMany });
    expect(server.calls()).toEqual(['BatchGetItem']);
  });

  it('is given what it names, whose rows are read with the client', async () => {
    const named = { AA: ['issues:read'], DV: ['issues:read'] };
    const { status, body } = await ask(alone, naming(named));
    expect({ status, details: body.authorization_details }).toEqual({ status: 200, details: detailsOf(named) });
    expect(server.calls()).toEqual(['BatchGetItem', 'Sign']);
  });

  it('is given global rights as ever, where it names them', async () => {
    const { body } = await ask(many, { scope: 'users:read boards:read' });
    expect(body).toMatchObject({ scope: 'users:read boards:read' });
    expect(body).not.toHaveProperty('authorization_details');
    const both = await ask(many, { scope: 'users:read issues:read', ...naming({ AA: ['issues:read'] }) });
    expect(both.body).toMatchObject({
      scope: 'users:read',
      authorization_details: detailsOf({ AA: ['issues:read'] }),
    });
  });

  it.each<[string, Asked, string]>([
    ['a project where it holds nothing', naming({ ZZZ: ['issues:read'] }), 'invalid_authorization_details'],
    ['a right that nothing grants it', { scope: 'users:manage' }, 'invalid_scope'],
  ])('is refused %s', async (_, asked, error) => {
    expect(await ask(many, asked)).toMatchObject({ status: 400, body: { error } });
  });

  it('refreshes what it was given, without what was revoked meanwhile; introspection says what is held now', async () => {
    const { body } = await ask(many, naming({ AB: ['issues:read'], AC: ['issues:read'] }));
    const refreshed = async (asked: Asked = {}) =>
      ask(many, { grant_type: 'refresh_token', refresh_token: latest, ...asked });
    let latest: string = body.refresh_token;
    const same = await refreshed();
    expect(same.body.authorization_details).toEqual(detailsOf({ AB: ['issues:read'], AC: ['issues:read'] }));
    latest = same.body.refresh_token;
    await server.table.put(projectRightsItem(projectRightsOf(many.integration, 'AC', ['issues:read'], 'revoked')));
    const less = await refreshed();
    expect(less.body.authorization_details).toEqual(detailsOf({ AB: ['issues:read'] }));
    latest = less.body.refresh_token;
    for (const token of [body.access_token, latest])
      expect((await introspect('POST /oauth2/introspect', formOf(many, { token }))).body).toMatchObject({
        active: true,
        authorization_details: detailsOf({ AB: ['issues:read'] }),
      });
    const more = await refreshed(naming({ AD: ['issues:read'] }));
    expect(more.body).toMatchObject({ error: 'invalid_authorization_details' });
  });
});

it('of a project that was deleted introspection says nothing at once, of no token', async () => {
  const named = naming({ AE: ['issues:read'], AF: ['issues:read'] });
  const { body } = await ask(many, named);
  const { tenant } = many.integration;
  const key = projectItemKey(tenant, 'AE');
  const project = await server.table.get(key);
  await server.table.transact([{ delete: key }]);
  const asked = async (token: string) => (await introspect('POST /oauth2/introspect', formOf(many, { token }))).body;
  for (const token of [body.access_token, body.refresh_token])
    expect(await asked(token)).toMatchObject({
      active: true,
      authorization_details: detailsOf({ AF: ['issues:read'] }),
    });
  await server.table.put({ ...project, ...key });
  for (const token of [body.access_token, body.refresh_token])
    expect((await asked(token)).authorization_details).toHaveLength(2);
});

it('the largest list fits into what a header takes', async () => {
  const largest = Object.entries(inProjects(90, 'issues:read'));
  while (lengthOfDetails(Object.fromEntries(largest)) > projectGrantsLimit) largest.pop();
  const who = registered(['users:read']);
  for (const item of itemsOf({ ...who.integration }, Object.fromEntries(largest))) await server.table.put(item);
  const { body } = await ask(who);
  expect(body.authorization_details).toHaveLength(largest.length);
  expect(body.access_token.length).toBeLessThan(8_192);
});
