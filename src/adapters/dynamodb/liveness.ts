import type { LiveIntegration, LivenessQuery, LivenessReader, LivenessState } from '../../entities/liveness.ts';
import { grantsIn, type ProjectRights } from '../../entities/project-rights.ts';
import { standingIntegration } from '../../entities/standing.ts';
import { applicationKey, parseApplicationStanding } from './application.ts';
import type { Item, Key, Table } from './commands.ts';
import { consentKey, parseConsent } from './consent.ts';
import { parseSigningKey, signingKeyKey } from './deployment.ts';
import { integrationKey, parseIntegration } from './integration.ts';
import { parsePersonalAccessToken, personalAccessTokenKey } from './personal-access-token.ts';
import { projectItemKey } from './project.ts';
import { parseProjectRights, projectRightsKeys } from './project-rights.ts';
import { revokedTokenKey } from './revoked-token.ts';
import { parseSession, sessionKey } from './session.ts';
import { parseTenantStanding, tenantStandingKey } from './tenant.ts';
import { parseTokenFamily, tokenFamilyKey } from './token-family.ts';
import { parseUser, userItemKey } from './user.ts';

/** All that a token's life hangs on, in one strongly consistent BatchGetItem of exact keys. */
export function livenessReader(table: Table): LivenessReader {
  return {
    async read(query) {
      const keys = keysOf(query);
      const projects = projectKeysOf(query);
      const single = Object.values(keys).filter((key) => key !== undefined);
      const items = await table.batchGet([...single, ...projects]);
      const found = <Entity>(key: Key | undefined, parse: (item: Item) => Entity): Entity | undefined => {
        const item = key && items.find(({ pk, sk }) => pk === key.pk && sk === key.sk);
        return item && parse(item);
      };
      const tenant = found(keys.tenant, parseTenantStanding);
      const application = found(keys.application, parseApplicationStanding);
      const granted = projects.map((key) => found(key, parseProjectRights)).filter((rights) => rights !== undefined);
      const integration = found(keys.integration, parseIntegration);
      return {
        tenant,
        integration:
          integration &&
          standingIntegration(withGrants(integration, query.projects ?? [], granted), { tenant, application }),
        ...(keys.project && { projectExists: found(keys.project, () => true) ?? false }),
        revoked: found(keys.revocation, () => true) ?? false,
        signingKey: keys.signingKey && (found(keys.signingKey, parseSigningKey)?.state ?? 'unknown'),
        family: found(keys.family, parseTokenFamily),
        user: found(keys.user, parseUser),
        consent: found(keys.consent, parseConsent),
        session: found(keys.session, parseSession),
        personalAccessToken: found(keys.personalAccessToken, parsePersonalAccessToken),
      } satisfies LivenessState;
    },
  };
}

function keysOf(query: LivenessQuery) {
  const { tenant, clientId, tokenId, kid, familyId, userId, sessionId, personalAccessToken } = query;
  return {
    tenant: tenantStandingKey(tenant),
    integration: personalAccessToken === undefined ? integrationKey(tenant, clientId) : undefined,
    application: query.applicationId === undefined ? undefined : applicationKey(query.applicationId),
    project: query.project === undefined ? undefined : projectItemKey(tenant, query.project),
    revocation: tokenId === undefined ? undefined : revokedTokenKey(tenant, tokenId),
    signingKey: kid === undefined ? undefined : signingKeyKey(kid),
    family: familyId === undefined ? undefined : tokenFamilyKey(tenant, familyId),
    user: userId === undefined ? undefined : userItemKey(tenant, userId),
    consent: userId === undefined ? undefined : consentKey(tenant, userId, clientId),
    session: userId === undefined || sessionId === undefined ? undefined : sessionKey(tenant, userId, sessionId),
    personalAccessToken:
      userId === undefined || personalAccessToken === undefined
        ? undefined
        : personalAccessTokenKey(tenant, userId, personalAccessToken),
  };
}

/** A personal access token's rights do not hang on the integration that it was made through. */
function projectKeysOf({ tenant, clientId, projects = [], personalAccessToken }: LivenessQuery): Key[] {
  if (personalAccessToken !== undefined) return [];
  return projectRightsKeys(tenant, clientId, projects);
}

/** The integration with what its rows say of the projects that were looked at. */
function withGrants<I extends LiveIntegration>(
  integration: I,
  asked: readonly string[],
  found: readonly ProjectRights[],
): I {
  return asked.length === 0 ? integration : { ...integration, projectGrants: grantsIn(integration, asked, found) };
}
