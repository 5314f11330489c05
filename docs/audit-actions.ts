/** One kind of event of the audit log. */
interface ActionRow {
  /** What the event's `object` is. */
  readonly object: string;
  readonly tells: string;
}

const integration = 'client id';
const user = 'user id';
const application = 'application id';
const refusal = 'At most 64 an hour for one object, the first of each network.';

/** Every action that the code writes; a test holds this list and the code to one another. */
export const auditActions: Readonly<Record<string, ActionRow>> = {
  'integration.created': { object: integration, tells: 'An integration was made: its name, the rights asked for.' },
  'integration.changed': { object: integration, tells: 'Settings, keys or requested rights changed.' },
  'integration.deleted': { object: integration, tells: 'An integration is gone for good.' },
  'integration.disabled': { object: integration, tells: 'An integration was paused.' },
  'integration.enabled': { object: integration, tells: 'A paused integration was restored.' },
  'integration.tokens_revoked': { object: integration, tells: 'Every token issued up to then is dead.' },
  'integration.legacy_grant_enabled': {
    object: integration,
    tells: 'Warning: it was registered with a flow that newer practice advises against.',
  },
  'integration.refused': {
    object: `${integration}, or the tenant`,
    tells: 'Somebody might not create, change or enable an integration: what was asked, what was missing.',
  },
  'secret.added': { object: integration, tells: 'A client secret was added: its id, never itself.' },
  'secret.read': { object: integration, tells: 'A client secret was read again.' },
  'secret.revoked': { object: integration, tells: 'A client secret was revoked.' },
  'secret.expiring': { object: integration, tells: 'A client secret is about to expire.' },
  'secret.refused': { object: integration, tells: 'Somebody might not add, read or revoke a client secret.' },
  'authorization.refused': {
    object: integration,
    tells: 'A decision on rights, or a request for them, was refused: what was asked, what was missing.',
  },
  'authorization.replayed': {
    object: integration,
    tells: 'A code or refresh token came twice; its family was ended.',
  },
  'authorization.legacy_flow': { object: integration, tells: 'Warning: tokens were given out by a legacy flow.' },
  'right.requested': { object: integration, tells: 'Rights were asked for and wait for who holds them.' },
  'right.granted': { object: integration, tells: 'Rights were granted, and where.' },
  'right.declined': { object: integration, tells: 'Rights were declined, and where.' },
  'right.revoked': { object: integration, tells: 'Granted rights were revoked.' },
  'right.withdrawn': { object: integration, tells: 'Rights are not asked for any more.' },
  'client.refused': { object: integration, tells: `A client could not prove who it is, and why. ${refusal}` },
  'sign_in.refused': {
    object: `${user}; the tenant where there is no such user; the provider that vouched`,
    tells: `A password, second factor or provider's word did not do. Never what was typed. ${refusal}`,
  },
  'session.started': { object: user, tells: 'Somebody signed in: the session, and how they proved to be there.' },
  'session.ended': { object: user, tells: 'A session was ended.' },
  'consent.given': { object: user, tells: 'A user agreed to an app: its scopes and rights.' },
  'consent.withdrawn': { object: user, tells: 'A user withdrew from an app what it had.' },
  'user.created': { object: user, tells: 'A user was made, by an administrator or by arriving from a provider.' },
  'user.changed': { object: user, tells: 'Name, email, roles or status changed.' },
  'user.deleted': { object: user, tells: 'A user is gone.' },
  'user.refused': { object: `${user}, or the tenant`, tells: 'Somebody might not do this to a user.' },
  'user.password_changed': { object: user, tells: 'A user changed their password.' },
  'user.password_set': { object: user, tells: 'A password was set with a link.' },
  'user.password_link_issued': { object: user, tells: 'A link to set a password was made.' },
  'user.recovery_codes_replaced': { object: user, tells: 'New recovery codes took the place of the old ones.' },
  'user.second_factor_added': { object: user, tells: 'A user added a second factor.' },
  'user.second_factor_removed': { object: user, tells: 'A user removed a second factor.' },
  'user.second_factor_reset': { object: user, tells: "An administrator removed a user's second factors." },
  'user.identity_linked': { object: user, tells: 'An account at a provider was linked.' },
  'user.identity_unlinked': { object: user, tells: 'An account at a provider was unlinked.' },
  'personal_access_token.created': { object: user, tells: 'A personal access token was made: its id and rights.' },
  'personal_access_token.revoked': { object: user, tells: 'A personal access token was revoked.' },
  'personal_access_token.refused': { object: 'the tenant', tells: 'Somebody might not make such a token.' },
  'identity_provider.created': { object: "provider's id", tells: 'An upstream provider was added.' },
  'identity_provider.changed': { object: "provider's id", tells: 'Its settings changed, or our secret there.' },
  'identity_provider.deleted': { object: "provider's id", tells: 'A provider and every link with it are gone.' },
  'project.created': { object: "project's key", tells: 'A project was made.' },
  'project.changed': { object: "project's key", tells: 'A project was renamed.' },
  'project.deleted': { object: "project's key", tells: 'A project is gone.' },
  'tenant.created': { object: 'tenant', tells: 'A tenant was made, with its first administrator.' },
  'tenant.changed': { object: 'tenant', tells: 'Name, branding or policy changed; of a logo its hash.' },
  'tenant.suspended': { object: 'tenant', tells: 'The operator suspended a tenant.' },
  'tenant.restored': { object: 'tenant', tells: 'The operator restored a tenant.' },
  'tenant.administrator_added': { object: 'tenant', tells: 'The operator made another administrator for a tenant.' },
  'tenant.deletion_begun': { object: 'tenant', tells: 'The operator deleted a tenant; its data is being removed.' },
  'tenant.deleted': { object: 'tenant', tells: 'Nothing is left of a tenant that was deleted.' },
  'ssh_key.added': { object: integration, tells: 'An SSH public key was added: its fingerprint.' },
  'ssh_key.revoked': { object: integration, tells: 'An SSH public key was taken away.' },
  'ssh_key.refused': { object: integration, tells: 'Somebody might not add or revoke an SSH public key.' },
  'application.registered': { object: application, tells: 'A developer registered an application.' },
  'application.version_published': { object: application, tells: 'A new version: what differs from the last one.' },
  'application.offered': { object: application, tells: 'The tenants that may see it changed.' },
  'application.withdrawn': { object: application, tells: 'Its developer withdrew it, everywhere.' },
  'application.approved': { object: application, tells: 'The operator approved that it is offered to all.' },
  'application.banned': { object: application, tells: 'The operator banned it, everywhere.' },
  'application.unbanned': { object: application, tells: 'The operator let it be offered again.' },
  'app.connected': { object: integration, tells: 'An administrator allowed an app: its version and rights.' },
  'app.accepted': { object: integration, tells: 'A newer version of an app was accepted.' },
  'app.version_declined': { object: integration, tells: 'A newer version of an app was declined.' },
  'app.refused': {
    object: application,
    tells: 'Somebody might not accept a version that changes where tokens go: what was missing.',
  },
  'connection.accepted': { object: application, tells: 'For its developer: a tenant accepted a version.' },
  'connection.declined': { object: application, tells: 'For its developer: a tenant declined a version.' },
  'connection.disabled': { object: application, tells: 'For its developer: a tenant paused it.' },
  'connection.enabled': { object: application, tells: 'For its developer: a tenant restored it.' },
  'connection.deleted': { object: application, tells: 'For its developer: a tenant disconnected it.' },
  'endpoint.set': { object: integration, tells: "An app's endpoint, or how it verifies us, was set." },
  'endpoint.removed': { object: integration, tells: "An app's endpoint was taken away." },
  'endpoint.key_added': { object: integration, tells: 'A new key to verify us with: its id, never itself.' },
  'endpoint.paused': { object: integration, tells: 'An endpoint that failed for a day gets nothing more.' },
  'endpoint.resumed': { object: integration, tells: 'A paused endpoint gets events again.' },
  'endpoint.refused': {
    object: integration,
    tells: 'Somebody might not set or remove an endpoint, or add a key to it: what was asked, what was missing.',
  },
  'delivery.repeated': { object: integration, tells: 'Somebody had an event delivered again.' },
  'app.declined': { object: application, tells: 'An administrator declined an app.' },
};

/** docs/audit-actions.md: what the log may tell. */
export function auditActionsDocument(): string {
  const rows = Object.entries(auditActions).map(
    ([action, { object, tells }]) => `| \`${action}\` | ${object} | ${tells} |`,
  );
  return `${[
    '# Actions of the audit log',
    '',
    'Generated from `docs/audit-actions.ts` by `npm run generate`; a test holds that list and the code to one another.',
    '',
    '| action | object | tells |',
    '| --- | --- | --- |',
    ...rows,
  ].join('\n')}\n`;
}
