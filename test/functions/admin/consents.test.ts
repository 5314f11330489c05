import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { handler } from '../../../functions/admin/consents.ts';
import { consents } from '../../../src/adapters/dynamodb/consent.ts';
import { integrationItem } from '../../../src/adapters/dynamodb/integration.ts';
import { personalAccessTokens } from '../../../src/adapters/dynamodb/personal-access-token-store.ts';
import { newClientId, newId } from '../../../src/entities/identifiers.ts';
import { machineOnly } from '../../../src/entities/integration.ts';
import type { PersonalAccessToken } from '../../../src/entities/personal-access-token.ts';
import type { AuthorizerContext } from '../../../src/oauth/access-token/context.ts';
import type { EmbeddedTable } from '../../src/adapters/dynamodb/embedded-table.ts';
import { callHandler, deployTable } from '../deployment.ts';
import { administratorOf, audited, inHours, machineOf, type SignedIn, signIn, someEvent } from './own-access-scene.ts';

const send = callHandler(handler);

let embedded: EmbeddedTable;
let ada: SignedIn;
beforeAll(async () => {
  embedded = await deployTable();
});
afterAll(() => embedded.close());
beforeEach(async () => {
  ada = await signIn(embedded, ['users:read']);
});

const list = (caller: AuthorizerContext = ada.caller, query?: Record<string, string>) =>
  send('GET /v1/consents', { caller, ...(query && { query }) });
const withdraw = (client_id: string, caller: AuthorizerContext = ada.caller) =>
  send('DELETE /v1/consents/{client_id}', { caller, path: { client_id } });
const listOf = (user_id: string, caller: AuthorizerContext = administratorOf(ada.caller)) =>
  send('GET /v1/users/{user_id}/consents', { caller, path: { user_id } });
const withdrawOf = (user_id: string, client_id: string, caller: AuthorizerContext = administratorOf(ada.caller)) =>
  send('DELETE /v1/users/{user_id}/consents/{client_id}', { caller, path: { user_id, client_id } });

/** A consent to another app. */
async function agreeToAnother() {
  const { tenant } = ada.user;
  const consent = { ...ada.consent, clientId: newClientId(tenant, randomBytes), id: newId('cns', randomBytes) };
  await consents(embedded.table).put(undefined, consent, someEvent(tenant));
  return consent;
}

const tokenThrough = ({ clientId, id: consentId }: { clientId: string; id: string }): PersonalAccessToken => ({
  ...{ tenant: ada.user.tenant, userId: ada.user.id, id: newId('pat', randomBytes), clientId, consentId },
  ...{ hash: randomBytes(32).toString('base64url'), name: 'Script', rights: { global: [], byProject: {} } },
  ...{ operator: false, userGeneration: 3, lastFour: 'abcd', createdAt: inHours(0), expiresAt: inHours(24) },
});

describe('200 and 204', () => {
  it('own consents are listed with what was agreed to, and the name of an integration that is still there', async () => {
    const { clientId, tenant } = ada.consent;
    const described = {
      client_id: clientId,
      scopes: ['openid'],
      rights: [
        { right: 'issues:read', context: 'global' },
        { right: 'issues:write', context: { project: 'PRJ' } },
      ],
      created_at: ada.consent.createdAt,
      updated_at: ada.consent.updatedAt,
    };
    expect((await list()).body).toEqual({ items: [described] });
    await embedded.table.put(
      integrationItem({
        ...{
          tenant,
          clientId,
          name: 'Planner',
          status: 'active',
          owner: 'usr_1',
          ...machineOnly,
          jwks: [],
          secrets: [],
        },
        ...{ grantTypes: ['authorization_code'], tokenEndpointAuthMethod: 'none', rights: {}, tokenGeneration: 0 },
        ...{ createdAt: inHours(-2), version: 1 },
      }),
    );
    embedded.calls();
    expect((await list()).body).toEqual({ items: [{ ...described, name: 'Planner' }] });
    expect(embedded.calls()).toEqual({ Query: 1, BatchGetItem: 1 });
  });

  it('an own one is withdrawn, which the log is told', async () => {
    const other = await agreeToAnother();
    expect(await withdraw(ada.consent.clientId)).toMatchObject({ status: 204, body: undefined });
    expect((await list()).body.items).toMatchObject([{ client_id: other.clientId }]);
    expect(await audited(embedded, ada.user)).toMatchObject([
      { action: 'consent.withdrawn', object: ada.user.id, changes: { client_id: ada.consent.clientId } },
    ]);
  });

  it('with it go the personal access tokens that were made through the app, and no others', async () => {
    const store = personalAccessTokens(embedded.table);
    const other = tokenThrough(await agreeToAnother());
    for (const token of [tokenThrough(ada.consent), tokenThrough(ada.consent), other])
      await store.create(token, someEvent(ada.user.tenant));
    expect((await withdraw(ada.consent.clientId)).status).toBe(204);
    expect(await store.list(ada.user.tenant, ada.user.id)).toEqual([other]);
  });

  it("administrators list and withdraw others' consents", async () => {
    expect((await listOf(ada.user.id)).body).toEqual((await list()).body);
    expect((await withdrawOf(ada.user.id, ada.consent.clientId)).status).toBe(204);
    expect((await listOf(ada.user.id)).body).toEqual({ items: [] });
  });

  it('pages follow one another', async () => {
    await agreeToAnother();
    const first = await list(ada.caller, { limit: '1' });
    const second = await list(ada.caller, { limit: '1', cursor: first.body.next_cursor });
    expect(second.body).not.toHaveProperty('next_cursor');
    expect([...first.body.items, ...second.body.items]).toEqual((await list()).body.items);
  });

  it('of ten who withdraw one at once, one does', async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, () => withdraw(ada.consent.clientId)));
    expect(answers.filter(({ status }) => status === 204)).toHaveLength(1);
    expect(answers.every(({ status }) => [204, 404, 409].includes(status))).toBe(true);
  });
});

describe('403', () => {
  it('is the answer to a token that acts for nobody', async () => {
    expect((await list(machineOf(ada))).status).toBe(403);
    expect((await withdraw(ada.consent.clientId, machineOf(ada))).status).toBe(403);
    expect((await list()).body.items).toHaveLength(1);
  });
});

describe('404', () => {
  it.each(['int_1', '#', newClientId('ten_0000000000000000', randomBytes)])('is the answer to %s', async (clientId) => {
    expect((await withdraw(clientId)).status).toBe(404);
    expect((await withdrawOf(ada.user.id, clientId)).status).toBe(404);
  });

  it("is the answer to somebody else's consent, which stands", async () => {
    const bob = await signIn(embedded, [], ada.user.tenant);
    expect((await withdraw(bob.consent.clientId)).status).toBe(404);
    expect((await withdrawOf(ada.user.id, bob.consent.clientId)).status).toBe(404);
    expect((await list(bob.caller)).body.items).toHaveLength(1);
  });

  it("is the answer to another tenant's user, and to one that does not exist", async () => {
    const elsewhere = administratorOf((await signIn(embedded, [])).user);
    expect((await listOf(ada.user.id, elsewhere)).status).toBe(404);
    expect((await withdrawOf(ada.user.id, ada.consent.clientId, elsewhere)).status).toBe(404);
    expect((await listOf('usr_0000000000000000000000')).status).toBe(404);
    expect((await list()).body.items).toHaveLength(1);
  });
});
