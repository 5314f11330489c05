import * as client from 'openid-client';
import { deviceCodeGrant } from '../../../src/entities/grant-type.ts';
import { tokenOf } from '../../conformance/client.ts';
import { authorize, Browser, createApp, newChecks } from '../../conformance/sign-in.ts';
import type { Scene } from '../operations.ts';
import { newPerson } from '../people.ts';
import { form, succeed } from '../request.ts';
import { decide } from './devices.ts';

/** Tokens that are limited to a project, wherever one is asked for, presented or looked at. */
export async function projectTokenTour({ outputs, admin, project }: Scene): Promise<void> {
  const { integration, configuration } = await createApp(outputs, admin, ['integrations:read', 'users:read'], {
    grant_types: ['client_credentials', 'authorization_code', deviceCodeGrant],
  });
  const path = { client_id: integration.client_id };
  const body = { projects: [project], rights: ['issues:read'] };
  await succeed(outputs, 'requestProjectRights', { token: admin, path, body });

  const everything = await tokenOf(outputs, integration);
  await succeed(outputs, 'listIntegrations', { token: everything });
  await succeed(outputs, 'listProjects', { token: everything });
  await succeed(outputs, 'introspect', { body: form(integration, { token: everything }) });

  const authorization_details = JSON.stringify([{ type: 'project', identifier: project, actions: ['issues:read'] }]);
  const asked = { grant_type: 'client_credentials', authorization_details };
  const { body: narrowed } = await succeed(outputs, 'token', { body: form(integration, asked) });
  await succeed(outputs, 'listIssuesOfProject', { token: narrowed.access_token, path: { project } });

  const person = await newPerson(outputs, admin);
  const { access_token } = await authorize(configuration, person, 'openid', { more: { authorization_details } });
  await succeed(outputs, 'userinfo', { token: access_token });
  const { parameters } = await newChecks();
  const pushed = { ...parameters, scope: 'openid', authorization_details };
  await client.buildAuthorizationUrlWithPAR(configuration, pushed);
  const device = await succeed(outputs, 'deviceAuthorization', { body: form(integration, { authorization_details }) });
  await decide(outputs.issuer, new Browser(), device.body.user_code, 'deny', person);
}
