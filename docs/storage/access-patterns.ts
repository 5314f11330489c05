import { randomBytes } from 'node:crypto';
import { bootstrapStore } from '../../src/adapters/dynamodb/bootstrap.ts';
import { clientAssertions } from '../../src/adapters/dynamodb/client-assertion.ts';
import { clientReader } from '../../src/adapters/dynamodb/client-reader.ts';
import type { Item, Table } from '../../src/adapters/dynamodb/commands.ts';
import { cursorKeyItem, cursorKeyReader } from '../../src/adapters/dynamodb/cursor-key.ts';
import { keptDeployment, signingKeyItem, signingKeys } from '../../src/adapters/dynamodb/deployment.ts';
import { integrationStore } from '../../src/adapters/dynamodb/integration-store.ts';
import { issueCounterKey, issueItem, issues } from '../../src/adapters/dynamodb/issue.ts';
import { keyRotation } from '../../src/adapters/dynamodb/key-rotation.ts';
import { logoutDeliveries } from '../../src/adapters/dynamodb/logout-delivery.ts';
import { projectItemKey, projects } from '../../src/adapters/dynamodb/project.ts';
import { revokedTokens } from '../../src/adapters/dynamodb/revoked-token.ts';
import { applicationPatterns } from './application-patterns.ts';
import { auditPatterns } from './audit-patterns.ts';
import { authorizationPatterns } from './authorization-patterns.ts';
import { deliveryPatterns, outgoing } from './delivery-patterns.ts';
import { devicePatterns } from './device-patterns.ts';
import { federationPatterns } from './federation-patterns.ts';
import { grantPatterns } from './grant-patterns.ts';
import { ownAccessPatterns } from './own-access-patterns.ts';
import { presentedTokenPatterns } from './presented-token-patterns.ts';
import { rightPatterns } from './right-patterns.ts';
import { event, integration, issue, logoutDelivery, project, signingKey, tenant } from './samples.ts';
import { secondFactorPatterns } from './second-factor-patterns.ts';
import { secretPatterns } from './secret-patterns.ts';
import { signInPatterns } from './sign-in-patterns.ts';
import { sshKeyPatterns } from './ssh-key-patterns.ts';
import { tenantDeletionPatterns } from './tenant-deletion-patterns.ts';
import { tenantPatterns } from './tenant-patterns.ts';
import { userPatterns } from './user-patterns.ts';

/** One way in which the product reaches the table: the adapters run as they are, on a table that records. */
export interface AccessPattern {
  readonly name: string;
  /** The entries below `functions/` that do it. */
  readonly usedBy: readonly string[];
  /** How many calls it comes to, where these are more than one and what follows from it. */
  readonly calls?: number;
  /** What the table holds meanwhile, where the adapter goes on from what it finds. */
  readonly holding?: readonly Item[];
  readonly run: (table: Table) => Promise<unknown>;
}

const protocol = ['auth/token', 'auth/introspect', 'auth/revoke', 'auth/device-authorization', 'auth/par'];
const lists = [
  ...['admin/ssh-keys', 'admin/deliveries'],
  ...['admin/integrations', 'admin/secrets', 'admin/rights', 'admin/audit-events', 'admin/users', 'admin/projects'],
  ...['admin/sessions', 'admin/consents', 'admin/personal-access-tokens', 'admin/tenants'],
  ...['admin/identity-providers', 'admin/federated-identities', 'admin/authorizations'],
  ...['admin/applications', 'admin/apps', 'admin/application-approvals'],
  ...['api/users', 'api/projects', 'api/issues'],
];
const page = { limit: 50 };
const issuesOf = (table: Table) => issues(table, { now: () => 0 }, async () => undefined);
/** What is read again once its state is older than a second. */
const laterEachTime = () => {
  let now = 0;
  return { now: () => (now += 2000) };
};

/** Every access pattern of the product, by what it reaches. */
export const accessPatterns: Readonly<Record<string, readonly AccessPattern[]>> = {
  'The deployment': [
    {
      name: 'Signing keys and registered APIs',
      usedBy: [
        ...['auth/jwks', 'auth/device', 'auth/logout'],
        ...protocol,
        'auth/userinfo',
        'authorizer/rights-authorizer',
        'admin/rights',
        'deployment/bootstrap',
        'deployment/signing-keys',
        'deployment/logout-deliveries',
      ],
      run: (table) => signingKeys(table).list(),
    },
    {
      name: 'Moving signing keys from state to state',
      usedBy: ['deployment/signing-keys'],
      run: (table) => keyRotation(table).take([{ before: signingKey, after: { ...signingKey, state: 'retiring' } }]),
    },
    {
      name: "The operator's tenant, its administrator, the key of cursors, signing keys and APIs, at the first deployment",
      usedBy: ['deployment/bootstrap'],
      run: (table) =>
        bootstrapStore(table).found(
          { tenant, administrator: integration, cursorKey: new Uint8Array(32), event },
          [{ after: signingKey }],
          [{ name: '{api}', url: '{url}' }],
        ),
    },
    {
      name: 'The key that authenticates cursors, once while a function is warm',
      usedBy: lists,
      holding: [cursorKeyItem(new Uint8Array(32))],
      run: (table) => cursorKeyReader(table).get(),
    },
  ],
  Tokens: [
    {
      name: 'The client of a request, and the states of the active keys where they are older than a second',
      usedBy: protocol,
      holding: [signingKeyItem(signingKey)],
      run: async (table) => {
        const deployment = keptDeployment(table, laterEachTime());
        await deployment.current();
        await clientReader(table, deployment).get('{tenant}', '{client_id}');
      },
    },
    ...presentedTokenPatterns,
    {
      name: 'A client assertion is used once; forgotten once it has expired',
      usedBy: protocol,
      run: (table) =>
        clientAssertions(table, randomBytes).useOnce({ tenant: '{tenant}', clientId: '{client_id}', jti: '{jti}' }, 0),
    },
    {
      name: 'A token is revoked; forgotten once it has expired',
      usedBy: ['auth/revoke'],
      run: (table) => revokedTokens(table).revoke({ tenant: '{tenant}', tokenId: '{jti}', expiresAt: 0 }),
    },
  ],
  Integrations: [
    {
      name: 'One integration with its secrets and rights',
      usedBy: [
        ...['admin/integration-projects', 'admin/authorizations'],
        ...['admin/integrations', 'admin/secrets', 'admin/rights', 'admin/ssh-keys', 'admin/apps'],
        'admin/endpoint',
        ...['auth/logout', 'deployment/logout-deliveries', 'deployment/expiring-secrets', 'deployment/rights-removals'],
      ],
      run: (table) => integrationStore(table).get('{tenant}', '{client_id}'),
    },
    {
      name: 'A page of integrations in the order of folded names',
      usedBy: ['admin/integrations'],
      run: (table) => integrationStore(table).list('{tenant}', page),
    },
    {
      name: 'Creating one that counts as a manager of its tenant',
      usedBy: ['admin/integrations'],
      run: (table) => integrationStore(table).create(integration, { events: [event] }),
    },
    {
      name: 'Changing it: secrets, rights, keys, whatever is no name',
      usedBy: ['admin/integrations', 'admin/secrets', 'admin/rights'],
      run: (table) => integrationStore(table).update(integration, { ...integration, rights: {} }, { events: [event] }),
    },
    {
      name: 'Giving it another name',
      usedBy: ['admin/integrations'],
      run: (table) =>
        integrationStore(table).update(integration, { ...integration, name: '{new folded name}' }, { events: [event] }),
    },
    {
      name: 'Deleting it',
      usedBy: ['admin/integrations'],
      run: (table) => integrationStore(table).delete(integration, { events: [event] }),
    },
  ],
  'Rights that wait, and rights in projects': rightPatterns,
  'Secrets and their uses': secretPatterns,
  'SSH keys': sshKeyPatterns,
  'Codes and refresh tokens': grantPatterns,
  Devices: devicePatterns,
  'Signing in': signInPatterns,
  'The second step': secondFactorPatterns,
  'Upstream providers': federationPatterns,
  Authorization: authorizationPatterns,
  'Sessions, consents and personal access tokens': ownAccessPatterns,
  'Applications and their connections': applicationPatterns,
  "Apps' endpoints": deliveryPatterns,
  'Back-channel logout': [
    {
      name: 'Sessions that ended and whose clients are due to be told, of all tenants, the longest due first',
      usedBy: ['deployment/logout-deliveries'],
      run: (table) => logoutDeliveries(table).due(0, 50),
    },
    {
      name: 'Taking one for an attempt, and keeping who is still to be told',
      usedBy: ['deployment/logout-deliveries'],
      run: (table) => logoutDeliveries(table).take(logoutDelivery, { ...logoutDelivery, attempts: 2 }),
    },
    {
      name: 'All are told, or given up',
      usedBy: ['deployment/logout-deliveries'],
      run: (table) => logoutDeliveries(table).settle(logoutDelivery, []),
    },
  ],
  Tenants: tenantPatterns,
  'The deletion of a tenant': tenantDeletionPatterns,
  'The audit log': auditPatterns,
  Users: userPatterns,
  Projects: [
    {
      name: 'One project',
      usedBy: ['admin/projects'],
      run: (table) => projects(table).get('{tenant}', '{project}'),
    },
    {
      name: 'A page of projects in the order of keys',
      usedBy: ['admin/projects', 'api/projects'],
      run: (table) => projects(table).list('{tenant}', page),
    },
    {
      name: 'Those in which a token holds a right, up to a page of them',
      usedBy: ['api/projects'],
      run: (table) => projects(table).getMany('{tenant}', ['{project}']),
    },
    {
      name: 'Creating a project whose key was never used',
      usedBy: ['admin/projects'],
      run: (table) => projects(table).create(project, event),
    },
    {
      name: 'Giving it another name',
      usedBy: ['admin/projects'],
      run: (table) => projects(table).rename(project, '{new name}', event),
    },
    {
      name: 'Deleting it; its key stays used',
      usedBy: ['admin/projects'],
      run: (table) => projects(table).delete('{tenant}', '{project}', event),
    },
  ],
  Issues: [
    {
      name: 'One issue of a project that exists',
      usedBy: ['api/issues'],
      run: (table) => issuesOf(table).get('{tenant}', '{project}', issue.number),
    },
    {
      name: 'A page of the issues of a project that exists, in the order of numbers',
      usedBy: ['api/issues'],
      holding: [{ ...projectItemKey('{tenant}', '{project}') }],
      run: (table) => issuesOf(table).listOfProject('{tenant}', '{project}', page),
    },
    {
      name: "A page of a tenant's issues, newest first, and which of their projects exist",
      usedBy: ['api/issues'],
      holding: [issueItem(issue)],
      run: (table) => issuesOf(table).listOfTenant('{tenant}', page),
    },
    {
      name: 'Creating an issue under the next number of its project',
      usedBy: ['api/issues'],
      holding: [{ ...issueCounterKey('{tenant}', '{project}'), lastNumber: issue.number - 1 }],
      run: (table) => issuesOf(table).create(issue, () => outgoing),
    },
    {
      name: 'Changing an issue whose version was read',
      usedBy: ['api/issues'],
      run: (table) => issuesOf(table).replace(issue, { ...issue, version: 2 }, outgoing),
    },
  ],
};
