import { lastUseOf } from '../../src/entities/credential-use.ts';
import { credentialsSeen } from '../../src/entities/credentials-change.ts';
import { Forbidden } from '../../src/entities/errors.ts';
import type { ClientSecret } from '../../src/entities/integration.ts';
import { mustHoldItsRights } from '../../src/entities/requested-rights.ts';
import { secretOf, withSecretAdded, withSecretRevoked } from '../../src/entities/secret-rotation.ts';
import { callerOf } from '../shared/caller.ts';
import { credentialUseStore } from '../shared/credential-use.ts';
import { changeIntegration, clientIdOf, existingIntegration } from '../shared/integration-change.ts';
import { locationOf } from '../shared/location.ts';
import { makeSecret, secretProtector } from '../shared/new-secret.ts';
import { pageOfAll } from '../shared/page.ts';
import { auditedEndpoint } from '../shared/refusals.ts';
import { createdSecretBody, secretSummaryBody } from '../shared/secret-body.ts';
import { clock } from '../shared/services.ts';

export const handler = auditedEndpoint({
  listSecrets: async ({ caller, path, query }) => {
    const { tenant } = caller;
    const clientId = clientIdOf(caller, path.client_id);
    const [{ secrets }, uses] = await Promise.all([
      existingIntegration(caller, clientId),
      credentialUseStore().get(tenant, clientId),
    ]);
    const scope = { tenant, route: 'listSecrets', filters: { clientId } };
    const shown = (secret: ClientSecret) => secretSummaryBody(secret, lastUseOf(uses, secret.id));
    return { body: await pageOfAll(query, scope, secrets, ({ id }) => id, shown) };
  },

  addSecret: async ({ body, caller, origin, path }) => {
    const integration = await existingIntegration(caller, path.client_id);
    mustHoldItsRights(callerOf(caller), integration);
    const secret = await makeSecret(integration, clock.now(), body.expires_in);
    const { clientId } = await changeIntegration(caller, origin, integration, (before, now) => {
      mustHoldItsRights(callerOf(caller), before);
      return {
        after: withSecretAdded(before, secret.kept, body.expire_others_in, now),
        event: { action: 'secret.added', changes: { secret: secret.kept.id, ...body } },
      };
    });
    return {
      body: createdSecretBody(secret),
      headers: { Location: locationOf('readSecret', { client_id: clientId, id: secret.kept.id }) },
    };
  },

  readSecret: async ({ caller, origin, path }) => {
    const protector = secretProtector();
    if (protector === undefined) throw new Forbidden('This deployment lets nobody read a secret again.');
    const integration = await existingIntegration(caller, path.client_id);
    mustHoldItsRights(callerOf(caller), integration);
    const { id, ciphertext } = secretOf(integration, path.id);
    if (ciphertext === undefined) throw new Forbidden('This secret was made while nobody could read one again.');
    // First what tells of it, then the secret: nobody has one without a trace.
    await changeIntegration(caller, origin, integration, (before, now) => {
      mustHoldItsRights(callerOf(caller), before);
      return {
        after: { ...before, ...credentialsSeen(before, origin.actor, now) },
        event: { action: 'secret.read', changes: { secret: secretOf(before, id).id } },
      };
    });
    const { tenant, clientId } = integration;
    const plaintext = await protector.decrypt(Buffer.from(ciphertext, 'base64'), { tenant, clientId });
    return { body: { id, client_secret: plaintext } };
  },

  revokeSecret: async ({ caller, origin, path }) => {
    await changeIntegration(caller, origin, path.client_id, (before) => {
      mustHoldItsRights(callerOf(caller), before);
      return {
        after: withSecretRevoked(before, path.id),
        event: { action: 'secret.revoked', changes: { secret: path.id } },
      };
    });
    return {};
  },
});
