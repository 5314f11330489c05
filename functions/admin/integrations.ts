import type * as z from 'zod/mini';
import { endpointReader } from '../../src/adapters/dynamodb/endpoint.ts';
import { rightsOfAccess } from '../../src/api/access.ts';
import type { RightName } from '../../src/api/rights.ts';
import type { integrationChange, integrationCreation } from '../../src/api/schemas/integration.ts';
import { auditEvent } from '../../src/entities/audit-event.ts';
import { newClientId } from '../../src/entities/identifiers.ts';
import { type Integration, machineOnly } from '../../src/entities/integration.ts';
import {
  changedIntegration,
  changesBetween,
  createdIntegration,
  type IntegrationSettings,
  type IntegrationSettingsChange,
} from '../../src/entities/integration-settings.ts';
import { mustHoldItsRights } from '../../src/entities/requested-rights.ts';
import { environment } from '../../src/environment.ts';
import { once } from '../../src/once.ts';
import { askedNow } from '../shared/asked-now.ts';
import { callerOf } from '../shared/caller.ts';
import { acceptedMetadata, metadataSettings } from '../shared/client-metadata.ts';
import { decideAgain } from '../shared/decide-again.ts';
import { createdIntegrationBody, integrationBody, summaryBody } from '../shared/integration-body.ts';
import { changeIntegration, existingIntegration, integrations } from '../shared/integration-change.ts';
import { locationOf } from '../shared/location.ts';
import { mustBeInCatalogue } from '../shared/named-rights.ts';
import { makeSecret } from '../shared/new-secret.ts';
import { outgoingOf } from '../shared/outgoing.ts';
import { pageBody } from '../shared/page.ts';
import { projectRights } from '../shared/project-rights-change.ts';
import { auditedEndpoint } from '../shared/refusals.ts';
import { whatWaits } from '../shared/right-notices.ts';
import { clock, randomBytes, variable } from '../shared/services.ts';
import { table } from '../shared/table.ts';

const issuer = () => variable(environment.issuer);

const endpoints = once(() => endpointReader(table()));

/** Projects that the details of an integration show; of more, `…/rights` tells. */
const shownProjects = 100;

async function bodyOf(integration: Integration) {
  const { tenant, clientId, endpoint, projectGrants } = integration;
  const [shown, inProjects, told] = await Promise.all([
    askedNow(integration),
    projectGrants && projectRights().list(tenant, clientId, { limit: shownProjects }),
    endpoint && endpoints().get(tenant, clientId),
  ]);
  return { body: integrationBody(shown, issuer(), inProjects?.items, told) };
}

/** What `access` stands for and what `rights` names, each right once; undefined where neither is given. */
function askedFor({ access, rights }: z.output<typeof integrationChange>): readonly RightName[] | undefined {
  if (access === undefined) return rights;
  return [...new Set([...rightsOfAccess(access), ...(rights ?? [])])];
}

/** The settings that a body gives; absent members are undefined. */
function settingsOf(body: z.output<typeof integrationChange>): IntegrationSettingsChange {
  return { ...metadataSettings(body), name: body.name, description: body.description, rights: askedFor(body) };
}

/** What a creation gives, and what it leaves to us. */
function newSettings(body: z.output<typeof integrationCreation>): IntegrationSettings {
  const chosen = Object.entries(settingsOf(body)).filter(([, value]) => value !== undefined);
  return {
    ...machineOnly,
    grantTypes: ['client_credentials'],
    tokenEndpointAuthMethod: 'client_secret_basic',
    jwks: [],
    rights: [],
    ...Object.fromEntries(chosen),
    name: body.name,
  };
}

/** The log is warned of each legacy grant type that an integration is registered with. */
const warningsOf = (legacyGrants: readonly string[]) =>
  legacyGrants.map((grantType) => ({
    action: 'integration.legacy_grant_enabled',
    changes: { severity: 'warning', grant_type: grantType },
  }));

export const handler = auditedEndpoint({
  createIntegration: async ({ body, caller, origin }) => {
    mustBeInCatalogue(caller, body.rights ?? []);
    const settings = newSettings(body);
    const warnings = warningsOf(acceptedMetadata(undefined, settings, callerOf(caller)));
    const now = clock.now();
    const made = { clientId: newClientId(caller.tenant, randomBytes), secrets: [], now };
    // Decided before the key management service is asked for anything.
    const decided = createdIntegration(settings, callerOf(caller), made);
    const secret =
      decided.tokenEndpointAuthMethod === 'client_secret_basic' ? await makeSecret(decided, now) : undefined;
    const integration = { ...decided, secrets: secret ? [secret.kept] : [] };
    const created = {
      action: 'integration.created',
      changes: { name: integration.name, rights: Object.keys(integration.rights) },
    };
    const events = [created, ...warnings, ...whatWaits(integration)].map((told) =>
      auditEvent({ tenant: caller.tenant, object: integration.clientId, ...told }, origin, now, randomBytes),
    );
    await decideAgain(() => integrations().create(integration, { events }));
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
    mustBeInCatalogue(caller, body.rights ?? []);
    const settings = settingsOf(body);
    return bodyOf(
      await changeIntegration(caller, origin, path.client_id, async (read, now) => {
        const before = settings.rights === undefined ? read : await askedNow(read);
        const after = changedIntegration(before, settings, callerOf(caller), now);
        const warnings = warningsOf(acceptedMetadata(before, after, callerOf(caller)));
        const changes = changesBetween(before, after);
        if (Object.keys(changes).length === 0) return undefined;
        return { after, event: { action: 'integration.changed', changes }, warnings };
      }),
    );
  },

  // Dead from here on; what it asked for in projects opens and shows nothing, and is removed by and by.
  deleteIntegration: async ({ caller, origin, path }) => {
    await changeIntegration(caller, origin, path.client_id, (before, now) => ({
      after: 'deleted',
      event: { action: 'integration.deleted', changes: { name: before.name } },
      outgoing: outgoingOf(before, 'integration.deleted', {}, now),
    }));
    return {};
  },

  // Disabling what is disabled, or enabling what is active, answers it as it is: nothing happened that is worth an event.
  disableIntegration: async ({ caller, origin, path }) =>
    bodyOf(
      await changeIntegration(caller, origin, path.client_id, (before, now) => {
        if (before.status === 'disabled') return undefined;
        return {
          after: { ...before, status: 'disabled' },
          event: { action: 'integration.disabled' },
          outgoing: outgoingOf(before, 'integration.disabled', {}, now),
        };
      }),
    ),

  enableIntegration: async ({ caller, origin, path }) =>
    bodyOf(
      await changeIntegration(caller, origin, path.client_id, (before, now) => {
        mustHoldItsRights(callerOf(caller), before);
        if (before.status === 'active') return undefined;
        return {
          after: { ...before, status: 'active' },
          event: { action: 'integration.enabled' },
          outgoing: outgoingOf(before, 'integration.enabled', {}, now),
        };
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
