import type { LivenessReader } from '../../entities/liveness.ts';
import type { Item, Key, Table } from './commands.ts';
import { consentKey, parseConsent } from './consent.ts';
import { parseSigningKey, signingKeyKey } from './deployment.ts';
import { integrationKey, parseIntegration } from './integration.ts';
import { parsePersonalAccessToken, personalAccessTokenKey } from './personal-access-token.ts';
import { revokedTokenKey } from './revoked-token.ts';
import { parseSession, sessionKey } from './session.ts';
import { parseTokenFamily, tokenFamilyKey } from './token-family.ts';
import { parseUser, userItemKey } from './user.ts';

/** All that a token's life hangs on, in one strongly consistent BatchGetItem of exact keys. */
export function livenessReader(table: Table): LivenessReader {
  return {
    async read({ tenant, clientId, tokenId, kid, familyId, userId, sessionId, personalAccessToken }) {
      const keys = {
        integration: personalAccessToken === undefined ? integrationKey(tenant, clientId) : undefined,
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
      const items = await table.batchGet(Object.values(keys).filter((key) => key !== undefined));
      const found = <Entity>(key: Key | undefined, parse: (item: Item) => Entity): Entity | undefined => {
        const item = key && items.find(({ pk, sk }) => pk === key.pk && sk === key.sk);
        return item && parse(item);
      };
      return {
        integration: found(keys.integration, parseIntegration),
        revoked: found(keys.revocation, () => true) ?? false,
        signingKey: keys.signingKey && (found(keys.signingKey, parseSigningKey)?.state ?? 'unknown'),
        family: found(keys.family, parseTokenFamily),
        user: found(keys.user, parseUser),
        consent: found(keys.consent, parseConsent),
        session: found(keys.session, parseSession),
        personalAccessToken: found(keys.personalAccessToken, parsePersonalAccessToken),
      };
    },
  };
}
