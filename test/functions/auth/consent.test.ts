import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { auditEventStore } from '../../../src/adapters/dynamodb/audit-event.ts';
import { consents } from '../../../src/adapters/dynamodb/consent.ts';
import { userItemKey } from '../../../src/adapters/dynamodb/user.ts';
import { deployScene, type Navigator, navigator, type Scene, signInOn } from './authorization-scene.ts';

vi.mock('../../../src/authentication/password-hash.ts', async (original) =>
  (await import('../../cheap-password-hash.ts')).withCheapHashes(original),
);

let deployed: Scene;
let scene: Awaited<ReturnType<Scene['furnishAnother']>>;
beforeAll(async () => {
  deployed = await deployScene();
});
afterAll(() => deployed.close());
beforeEach(async () => {
  scene = await deployed.furnishAnother({});
});

const path = '/oauth2/authorize';
const scope = 'openid offline_access issues:write boards:read users:read';
const request = (more: Record<string, string> = {}) => deployed.request({ scope, ...more }, scene.client.integration);
const stored = () =>
  consents(deployed.table).get(scene.tenant.tenant, scene.user.id, scene.client.integration.clientId);

async function asked(by: Navigator = navigator(), more: Record<string, string> = {}) {
  return signInOn(by, await by.open(path, request(more)));
}

describe('the consent page', () => {
  it('says in the words of the catalogue what is asked for, and for which projects', async () => {
    const { html } = await asked();
    expect(html).toContain('Punch card studio will be able to');
    expect(html).toContain('Plans the work on engines');
    expect(html).toMatch(/<h3>Issues<\/h3>[\s\S]*Create and change issues[\s\S]*in Difference engine \(ENGINE\)/);
    expect(html).toMatch(/<h3>Boards<\/h3>[\s\S]*Read boards/);
    expect(html).toContain('Keep this access while you are away, until you withdraw it');
    expect(html).toContain('Ada Lovelace');
    expect(html).toContain('You will go back to <strong>studio.example</strong>');
  });

  it('warns of an app of this device, which another may pretend to be', async () => {
    scene = await deployed.furnishAnother({
      integration: {
        applicationType: 'native',
        tokenEndpointAuthMethod: 'none',
        secrets: [],
        redirectUris: ['http://127.0.0.1/callback'],
      },
    });
    const { html } = await asked();
    expect(html).toContain('allow it only if you have just started it yourself');
  });

  it('names nothing that the user does not hold', async () => {
    const { html } = await asked(navigator(), { scope: 'issues:read users:read' });
    expect(html).toContain('Read issues');
    expect(html).not.toContain('Create and change issues');
  });
});

describe('the answer', () => {
  it('allow is remembered for the application and what was asked, and told of in the audit log', async () => {
    const by = navigator();
    const answer = await by.send(await asked(by), { decision: 'allow' });
    expect(answer.url.searchParams.has('code')).toBe(true);
    expect(await stored()).toMatchObject({
      scopes: ['openid', 'offline_access'],
      rights: { byProject: { ENGINE: expect.arrayContaining(['issues:write']) } },
    });
    expect((await by.open(path, request())).url.searchParams.has('code')).toBe(true);
    const more = await by.open(path, request({ scope: `${scope} projects:read` }));
    expect(more.heading).toBe('Allow Punch card studio to act for you?');
    const { items } = await auditEventStore(deployed.table).list(
      scene.tenant.tenant,
      { action: 'consent.given', object: scene.user.id },
      { limit: 10 },
    );
    expect(items).toMatchObject([{ changes: { client_id: scene.client.integration.clientId } }]);
  });

  it('deny goes to the client, and nothing is remembered', async () => {
    const by = navigator();
    const answer = await by.send(await asked(by), { decision: 'deny' });
    expect(answer.url.searchParams.get('error')).toBe('access_denied');
    expect(answer.url.searchParams.get('state')).toBe('a state');
    expect(await stored()).toBeUndefined();
    expect((await by.open(path, request())).heading).toBe('Allow Punch card studio to act for you?');
  });

  it('counts for what was shown: what came to be asked since is shown first', async () => {
    const by = navigator();
    const page = await asked(by);
    const promoted = { ...scene.user, roles: ['administrator'] };
    await deployed.table.put({ ...userItemKey(scene.tenant.tenant, scene.user.id), ...promoted });
    const again = await by.send(page, { decision: 'allow' });
    expect(again).toMatchObject({ status: 200, problem: expect.stringContaining('has changed') });
    expect(await stored()).toBeUndefined();
    expect((await by.send(again, { decision: 'allow' })).url.searchParams.has('code')).toBe(true);
  });

  it.each([{}, { decision: 'maybe' }])('%j is asked for again', async (fields) => {
    const by = navigator();
    expect(await by.send(await asked(by), fields as Record<string, string>)).toMatchObject({ status: 200 });
    expect(await stored()).toBeUndefined();
  });

  it('of somebody who is not signed in any more is not taken', async () => {
    const by = navigator();
    const page = await asked(by);
    by.cookies.delete(`__Host-session-${scene.tenant.tenant.slice(4)}`);
    expect((await by.send(page, { decision: 'allow' })).heading).toBe('Sign in');
    expect(await stored()).toBeUndefined();
  });
});
