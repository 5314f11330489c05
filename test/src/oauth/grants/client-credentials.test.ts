import { decodeJwt } from 'jose';
import { describe, expect, it } from 'vitest';
import { registered } from '../authorization-server.ts';
import { grantScene } from './scene.ts';

const request = { grant_type: 'client_credentials' };

describe('client_credentials', () => {
  it('give no refresh token and name no family', async () => {
    const scene = await grantScene(registered(['issues:read']));
    const answer = await scene.issued(request);
    expect(answer).not.toHaveProperty('refresh_token');
    expect(decodeJwt(answer.access_token)).not.toHaveProperty('fam');
  });

  it('are for clients that prove who they are (RFC 6749 §4.4)', async () => {
    const scene = await grantScene(registered(['issues:read'], { tokenEndpointAuthMethod: 'none', secrets: [] }));
    expect(await scene.errorOf(request)).toBe('unauthorized_client');
  });

  it('give one where the integration lists that grant, for what was asked for and no more', async () => {
    const scene = await grantScene(
      registered(['issues:write', 'users:read'], { grantTypes: ['client_credentials', 'refresh_token'] }),
    );
    const answer = await scene.issued({ ...request, scope: 'issues:read' });
    expect(await scene.familyOf(answer)).toMatchObject({ grantType: 'client_credentials', credential: 'sec_1' });
    const next = await scene.issued(scene.refresh(answer.refresh_token));
    expect(next.scope).toBe('issues:read');
    expect(decodeJwt(next.access_token)).toMatchObject({ sub: scene.app.integration.clientId });
    expect(next).not.toHaveProperty('id_token');
    expect(await scene.errorOf(scene.refresh(next.refresh_token, { scope: 'users:read' }))).toBe('invalid_scope');
  });

  it('keep the projects that were asked for', async () => {
    const scene = await grantScene(
      registered(['issues:read'], { grantTypes: ['client_credentials', 'refresh_token'] }),
    );
    const details = [{ type: 'project', identifier: 'PRJ', actions: ['issues:read'] }];
    const answer = await scene.issued({ ...request, authorization_details: JSON.stringify(details) });
    const next = await scene.issued(scene.refresh(answer.refresh_token));
    expect([answer.authorization_details, next.authorization_details]).toEqual([details, details]);
    expect(next).not.toHaveProperty('scope');
  });
});
