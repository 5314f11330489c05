import type * as z from 'zod/mini';
import { rightsOfAccess } from '../../src/api/access.ts';
import type { RightName } from '../../src/api/rights.ts';
import type { integrationChange } from '../../src/api/schemas/integration.ts';
import { auditEvent } from '../../src/entities/audit-event.ts';
import { newClientId } from '../../src/entities/identifiers.ts';
import type { Integration } from '../../src/entities/integration.ts';
import {
  changedIntegration,
  changesBetween,
  createdIntegration,
  type IntegrationSettings,
} from '../../src/entities/integration-settings.ts';
import { acceptedKeys } from '../../src/entities/public-key.ts';
import { mustHoldItsRights } from '../../src/entities/requested-rights.ts';
import { environment } from '../../src/environment.ts';
import { callerOf } from '../shared/caller.ts';
import { decideAgain } from '../shared/decide-again.ts';
import { endpoint } from '../shared/endpoint.ts';
import { createdIntegrationBody, integrationBody, summaryBody } from '../shared/integration-body.ts';
import { changeIntegration, existingIntegration, integrations } from '../shared/integration-change.ts';
import { locationOf } from '../shared/location.ts';
import { makeSecret } from '../shared/new-secret.ts';
import { pageBody } from '../shared/page.ts';
import { clock, randomBytes, variable } from '../shared/services.ts';

const issuer = () => variable(environment.issuer);

const bodyOf = (integration: Integration) => ({ body: integrationBody(integration, issuer()) });

/** What `access` stands for and what `rights` names, each right once; undefined where neither is given. */
function askedFor({ access, rights }: z.output<typeof integrationChange>): readonly RightName[] | undefined {
  if (access === undefined) return rights;
  return [...new Set([...rightsOfAccess(access), ...(rights ?? [])])];
}

/** The settings that a body gives; absent members are undefined. */
function settingsOf(body: z.output<typeof integrationChange>): Partial<IntegrationSettings> {
  return {
    name: body.name,
    description: body.description,
    rights: askedFor(body),
    grantTypes: body.grant_types,
    tokenEndpointAuthMethod: body.token_endpoint_auth_method,
    jwks: body.jwks && acceptedKeys(body.jwks.keys, '/jwks/keys'),
  } as Partial<IntegrationSettings>;
}

export const handler = endpoint({
  createIntegration: async ({ body, caller, origin }) => {
    const given = settingsOf(body);
    const settings: IntegrationSettings = {
      name: body.name,
      description: given.description,
      rights: given.rights ?? [],
      grantTypes: given.grantTypes ?? ['client_credentials'],
      tokenEndpointAuthMethod: given.tokenEndpointAuthMethod ?? 'client_secret_basic',
      jwks: given.jwks ?? [],
    };
    const now = clock.now();
    const made = { clientId: newClientId(caller.tenant, randomBytes), secrets: [], now };
    // Decided before the key management service is asked for anything.
    const decided = createdIntegration(settings, callerOf(caller), made);
    const secret =
      decided.tokenEndpointAuthMethod === 'client_secret_basic' ? await makeSecret(decided, now) : undefined;
    const integration = { ...decided, secrets: secret ? [secret.kept] : [] };
    const change = {
      tenant: caller.tenant,
      action: 'integration.created',
      object: integration.clientId,
      changes: { name: integration.name, rights: Object.keys(integration.rights) },
    };
    const event = auditEvent(change, origin, now, randomBytes);
    await decideAgain(() => integrations().create(integration, event));
    return {
      body: createdIntegrationBody(integration, issuer(), secret?.plaintext),
      headers: { Location: locationOf('getIntegration', { client_id: integration.clientId }) },
    };
  },

  listIntegrations: async ({ caller: { tenant }, query }) => ({
    body: await pageBody(
      query,
      { tenant, route: 'listIntegrations' },
      (page) => integrations().list(tenant, page),
      summaryBody,
    ),
  }),

  getIntegration: async ({ caller, path }) => bodyOf(await existingIntegration(caller, path.client_id)),

  changeIntegration: async ({ body, caller, origin, path }) => {
    const settings = settingsOf(body);
    return bodyOf(
      await changeIntegration(caller, origin, path.client_id, (before, now) => {
        const after = changedIntegration(before, settings, callerOf(caller), now);
        const changes = changesBetween(before, after);
        if (Object.keys(changes).length === 0) return undefined;
        return { after, event: { action: 'integration.changed', changes } };
      }),
    );
  },

  deleteIntegration: async ({ caller, origin, path }) => {
    await changeIntegration(caller, origin, path.client_id, ({ name }) => ({
      after: 'deleted',
      event: { action: 'integration.deleted', changes: { name } },
    }));
    return {};
  },

  // Disabling what is disabled, or enabling what is active, answers it as it is: nothing happened that is worth an event.
  disableIntegration: async ({ caller, origin, path }) =>
    bodyOf(
      await changeIntegration(caller, origin, path.client_id, (before) => {
        if (before.status === 'disabled') return undefined;
        return { after: { ...before, status: 'disabled' }, event: { action: 'integration.disabled' } };
      }),
    ),

  enableIntegration: async ({ caller, origin, path }) =>
    bodyOf(
      await changeIntegration(caller, origin, path.client_id, (before) => {
        mustHoldItsRights(callerOf(caller), before);
        if (before.status === 'active') return undefined;
        return { after: { ...before, status: 'active' }, event: { action: 'integration.enabled' } };
      }),
    ),

  revokeTokens: async ({ caller, origin, path }) => {
    await changeIntegration(caller, origin, path.client_id, (before) => ({
      after: { ...before, tokenGeneration: before.tokenGeneration + 1 },
      event: { action: 'integration.tokens_revoked' },
    }));
    return {};
  },
});
