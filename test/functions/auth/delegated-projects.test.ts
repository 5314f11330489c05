import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { handler as deviceHandler } from '../../../functions/auth/device.ts';
import { handler as deviceAuthorizationHandler } from '../../../functions/auth/device-authorization.ts';
import { handler as parHandler } from '../../../functions/auth/par.ts';
import { handler as signInHandler } from '../../../functions/auth/sign-in.ts';
import { handler as tokenHandler } from '../../../functions/auth/token.ts';
import { projectRightsItem } from '../../../src/adapters/dynamodb/project-rights.ts';
import { deviceCodeGrant } from '../../../src/entities/grant-type.ts';
import { inProjects, itemsOf, projectRightsOf } from '../../project-grants.ts';
import { callHandler } from '../deployment.ts';
import { deployScene, type Navigator, navigator, type Scene, signInOn } from './authorization-scene.ts';
import { formOf } from './authorization-server.ts';
import { pageClient } from './page-client.ts';

vi.mock('../../../src/authentication/password-hash.ts', async (original) =>
  (await import('../../cheap-password-hash.ts')).withCheapHashes(original),
);

const token = callHandler(tokenHandler);
const par = callHandler(parHandler);
const deviceAuthorization = callHandler(deviceAuthorizationHandler);
const verifier = 'v'.repeat(43);

const detailsOf = (...projects: readonly string[]) =>
  projects.map((identifier) => ({ type: 'project', identifier, actions: ['issues:read'] }));
const naming = (...projects: readonly string[]) => ({
  scope: 'openid offline_access',
  authorization_details: JSON.stringify(detailsOf(...projects)),
  code_challenge: createHash('sha256').update(verifier).digest('base64url'),
});

let scene: Scene;
let by: Navigator;
beforeAll(async () => {
  scene = await deployScene();
  const { integration } = scene.client;
  const grantTypes = [...integration.grantTypes, deviceCodeGrant, 'refresh_token'];
  // A hundred projects do not fit into a token, and are not listed.
  const granted = { ...integration, grantTypes, rights: {} };
  for (const item of itemsOf(granted, inProjects(100, 'issues:read'))) await scene.table.put(item);
  by = navigator();
});
beforeEach(() => void scene.calls());
afterAll(() => scene.close());

async function decided(query: Readonly<Record<string, string>>) {
  let page = await by.open('/oauth2/authorize', query);
  if (page.heading === 'Sign in') page = await signInOn(by, page);
  return page.status === 200 ? by.send(page, { decision: 'allow' }) : page;
}

const redeemed = (code: string | null) =>
  token(
    'POST /oauth2/token',
    formOf(scene.client, {
      ...{ grant_type: 'authorization_code', code: code ?? '', code_verifier: verifier },
      redirect_uri: scene.client.integration.redirectUris[0] ?? '',
    }),
  );

const reads = (calls: readonly string[]) => calls.filter((call) => /Get/.test(call));

describe('for a user, an app that holds rights in more projects than are listed', () => {
  it('is given the projects that it names, by the same reads as any', async () => {
    const { url } = await decided(scene.request(naming('AA', 'DV')));
    scene.calls();
    const { body } = await redeemed(url.searchParams.get('code'));
    expect(body.authorization_details).toEqual(detailsOf('AA', 'DV'));
    expect(reads(scene.calls())).toEqual(['BatchGetItem', 'GetItem', 'BatchGetItem']);
    const refresh = { grant_type: 'refresh_token', refresh_token: body.refresh_token };
    const refreshed = await token('POST /oauth2/token', formOf(scene.client, refresh));
    expect(refreshed.body.authorization_details).toEqual(detailsOf('AA', 'DV'));
    expect(reads(scene.calls())).toEqual(['BatchGetItem', 'GetItem', 'BatchGetItem']);
  });

  it('is given no more of them once one was revoked: at the redemption, and at each refresh', async () => {
    const revoke = (project: string) =>
      scene.table.put(
        projectRightsItem(projectRightsOf(scene.client.integration, project, ['issues:read'], 'revoked')),
      );
    const { url } = await decided(scene.request(naming('AB', 'AC', 'AD')));
    await revoke('AB');
    const { body } = await redeemed(url.searchParams.get('code'));
    expect(body.authorization_details).toEqual(detailsOf('AC', 'AD'));
    await revoke('AC');
    const refresh = { grant_type: 'refresh_token', refresh_token: body.refresh_token };
    const refreshed = await token('POST /oauth2/token', formOf(scene.client, refresh));
    expect(refreshed.body.authorization_details).toEqual(detailsOf('AD'));
  });

  it('is told to name projects where it names the right alone', async () => {
    const { authorization_details: _, ...bare } = scene.request({ ...naming('AA'), scope: 'issues:read' });
    const told = new URL((await by.open('/oauth2/authorize', bare)).location ?? '').searchParams;
    expect([told.get('error'), told.get('error_description')]).toEqual([
      'invalid_scope',
      expect.stringContaining('authorization_details'),
    ]);
  });

  it('is refused a project where it holds nothing, in a browser and pushed', async () => {
    const refused = scene.request(naming('ZZZ'));
    const { location } = await by.open('/oauth2/authorize', refused);
    expect(new URL(location ?? '').searchParams.get('error')).toBe('invalid_authorization_details');
    expect((await par('POST /oauth2/par', formOf(scene.client, refused))).body.error).toBe(
      'invalid_authorization_details',
    );
  });

  it('pushes a request of it', async () => {
    const pushed = await par('POST /oauth2/par', formOf(scene.client, scene.request(naming('AE'))));
    expect(pushed.status).toBe(201);
    const { clientId } = scene.client.integration;
    const { url } = await decided({ client_id: clientId, request_uri: pushed.body.request_uri });
    expect((await redeemed(url.searchParams.get('code'))).body.authorization_details).toEqual(detailsOf('AE'));
  });

  it('is given it by a device', async () => {
    const asking = formOf(scene.client, naming('AF', 'AG'));
    const { body } = await deviceAuthorization('POST /oauth2/device_authorization', asking);
    const browser = pageClient({ '/device': deviceHandler, '/sign-in': signInHandler });
    for (const [name, value] of by.cookies) browser.cookies.set(name, value);
    const empty = await browser.get('GET /device', {});
    const typed = await browser.post('POST /device', {}, { ...empty.hidden(), user_code: body.user_code });
    const interaction = new URL(typed.location ?? '').searchParams.get('interaction') ?? '';
    const page = await browser.get('GET /device', {}, { interaction });
    expect(page.html).toContain('AF');
    await browser.post('POST /device', {}, { ...page.hidden(), decision: 'allow' });
    const poll = { grant_type: deviceCodeGrant, device_code: body.device_code };
    const answer = await token('POST /oauth2/token', formOf(scene.client, poll));
    expect(answer.body.authorization_details).toEqual(detailsOf('AF', 'AG'));
  });
});
