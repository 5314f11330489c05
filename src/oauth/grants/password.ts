import { auditEvent, originAt } from '../../entities/audit-event.ts';
import { newId } from '../../entities/identifiers.ts';
import type { FamilyDraft } from '../../entities/token-family.ts';
import { publicClientCredential } from '../client-authentication/none.ts';
import { InvalidGrant, InvalidRequest, InvalidScope, UnauthorizedClient } from '../errors.ts';
import { holdingsOfIntegration, holdingsOfUser, inBoth } from '../holdings.ts';
import { isIdentityScope, meaningfulScopes, parseScope } from '../scope.ts';
import { narrowedRights, rightsParameters } from '../token-rights.ts';
import { beginFamily, refreshTokenGrantType } from './begin-family.ts';
import type { CheckedPassword, Grant, GrantRequest, PasswordPorts } from './grant.ts';

/**
 * The legacy flow in which a user gives their password to the client (RFC 6749 §4.3, which RFC 9700 §2.4 forbids): for
 * confidential clients alone, with a warning in the audit log each time. Whatever speaks against the password is one
 * answer. There is no session and no consent: the family ends with the user's password, or when it is revoked.
 */
export const password: Grant = {
  grantType: 'password',
  parameters: ['username', 'password', ...rightsParameters],
  legacy: true,
  async exchange(request) {
    const { client, ports } = request;
    if (client.credential === publicClientCredential) throw new UnauthorizedClient('a public client');
    if (ports.passwords === undefined) throw new Error('the grant password is offered without its ports');
    const { scopes, rights, resources } = asked(request);
    const checked = await userOf(request, ports.passwords);
    const held = holdingsOfUser(checked.user, checked.operator);
    const draft = draftOf(request, checked, { scopes, rights: inBoth(rights, held), resources });
    // What was asked for is in the draft: of the form nothing narrows it again.
    return beginFamily({ ...request, form: request.form.only([]) }, draft, async (family) => {
      await warn(request, checked, ports.passwords);
      await ports.families.create(family);
    });
  },
};

/** What is asked for of what the integration holds; naming nothing asks for all of it. */
function asked({ client, form, deployment }: GrantRequest): Pick<FamilyDraft, 'scopes' | 'rights' | 'resources'> {
  const scope = form.get('scope');
  const named = scope === undefined ? undefined : parseScope(scope);
  const authorizationDetails = form.get('authorization_details');
  const resources = [...new Set(form.all('resource'))];
  const held = holdingsOfIntegration(client.integration);
  const holdsSomething = held.global.length > 0 || held.unlisted || Object.keys(held.byProject).length > 0;
  if (!holdsSomething) throw new InvalidScope('holds nothing');
  const rights = narrowedRights(
    held,
    { scope: named?.filter((value) => !isIdentityScope(value)), authorizationDetails, resources },
    deployment.apis,
  );
  const refreshes = client.integration.grantTypes.includes(refreshTokenGrantType);
  return { scopes: meaningfulScopes(named ?? [], refreshes), rights, resources };
}

async function userOf({ client, form, source }: GrantRequest, passwords: PasswordPorts): Promise<CheckedPassword> {
  const [username, typed] = [form.get('username'), form.get('password')];
  if (username === undefined || typed === undefined) throw new InvalidRequest('no username or password');
  const { tenant } = client.integration;
  const checked = await passwords.check({ tenant, username, password: typed, address: source.address });
  if ('fault' in checked) {
    const object = checked.userId ?? tenant;
    await passwords.refusals.note({ tenant, action: 'sign_in.refused', object, reason: checked.fault }, source);
    throw new InvalidGrant(checked.fault);
  }
  return checked;
}

function draftOf(
  { client, settings, ports }: GrantRequest,
  { user, operator }: CheckedPassword,
  given: Pick<FamilyDraft, 'scopes' | 'rights' | 'resources'>,
): FamilyDraft {
  const now = ports.clock.now();
  const at = new Date(now).toISOString();
  const refreshes = client.integration.grantTypes.includes(refreshTokenGrantType);
  const lifetimeSeconds = refreshes ? settings.refreshTokenLifetimeSeconds : settings.tokenLifetimeSeconds;
  return {
    tenant: client.integration.tenant,
    id: newId('fam', ports.randomBytes),
    clientId: client.integration.clientId,
    grantType: password.grantType,
    user: { id: user.id, generation: user.tokenGeneration, offline: false, authenticatedAt: at, methods: ['pwd'] },
    operator,
    ...given,
    createdAt: at,
    expiresAt: new Date(now + lifetimeSeconds * 1000).toISOString(),
  };
}

async function warn(
  { client, ports, source }: GrantRequest,
  { user }: CheckedPassword,
  passwords: PasswordPorts | undefined,
): Promise<void> {
  const { tenant, clientId } = client.integration;
  const changes = { warning: 'a password was handed to a client', grant_type: password.grantType };
  const event = { tenant, action: 'authorization.legacy_flow', object: clientId, changes };
  const origin = originAt(source, user.id, { clientId });
  await passwords?.auditEvents.append(auditEvent(event, origin, ports.clock.now(), ports.randomBytes));
}
