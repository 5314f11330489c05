import * as z from 'zod/mini';
import { foldedName } from '../../entities/integration-name.ts';
import type { PartitionKind } from '../../entities/partition.ts';
import type { DeletionStep } from '../../entities/tenant-deletion.ts';
import { once } from '../../once.ts';
import { applicationConnectionKey } from './app-connection.ts';
import { applicationKey } from './application.ts';
import { idOfLine, listPartition, offerKey, offerPartition } from './application-store.ts';
import { partitionsOfEvent } from './audit-event.ts';
import type { Item, Key } from './commands.ts';
import { consentsOfTenantPartition } from './consent.ts';
import { linkKeysOf } from './federated-identity.ts';
import { integrationKey } from './integration.ts';
import { passwordLinkKey } from './password-link.ts';
import { projectRightsOfTenantPartition } from './project-rights.ts';
import { fingerprintKey } from './ssh-key.ts';
import { partitionKey } from './table.ts';
import { emailKey, parseUser, userItemKey } from './user.ts';
import { userCredentialsKey } from './user-credentials.ts';

/** How the rows of a kind leave with their tenant. */
export type Departure =
  /** They are found and removed in this step. */
  | { readonly step: Exclude<DeletionStep, 'waiting'> }
  /** They live for so short a time that they go by themselves (DynamoDB's time to live); why that does no harm. */
  | { readonly expires: string }
  /** They are no tenant's. */
  | { readonly deployment: string };

const spent = 'opens nothing without the tenant, and stays no longer than what could be presented again';

/** Every kind of partition: what is not said here does not compile. */
export const departures: Readonly<Record<PartitionKind, Departure>> = {
  deployment: { deployment: 'signing keys and APIs' },
  'cursor-key': { deployment: 'one key for all' },
  'user-code': { expires: 'names no tenant; leads to a device authorization that is gone' },
  tenant: { step: 'tenant' },
  'tenant-list': { step: 'tenant' },
  'tenant-deletion': { step: 'tenant' },
  'application-list': { step: 'applications' },
  application: { step: 'applications' },
  'app-offer': { step: 'applications' },
  'application-connection': { step: 'applications' },
  'app-connection': { step: 'applications' },
  integration: { step: 'integrations' },
  'integration-name': { step: 'integrations' },
  'project-rights': { step: 'integrations' },
  'pending-authorization': { step: 'integrations' },
  'rights-removal': { step: 'integrations' },
  endpoint: { step: 'integrations' },
  delivery: { step: 'integrations' },
  'ssh-key': { step: 'integrations' },
  'credential-use': { step: 'integrations' },
  'identity-provider': { step: 'identity-providers' },
  'federated-identity': { step: 'identity-providers' },
  user: { step: 'users' },
  username: { step: 'users' },
  email: { step: 'users' },
  'user-credentials': { step: 'users' },
  'password-link': { step: 'users' },
  session: { step: 'users' },
  consent: { step: 'users' },
  'personal-access-token': { step: 'users' },
  project: { step: 'projects' },
  issue: { step: 'projects' },
  'audit-event': { step: 'audit-events' },
  'sign-in-attempts': { expires: 'counts attempts and knows browsers, under hashes of names and addresses' },
  interaction: { expires: spent },
  'authorization-code': { expires: spent },
  'device-authorization': { expires: spent },
  'pushed-request': { expires: spent },
  'client-assertion': { expires: spent },
  'dpop-proof': { expires: spent },
  'revoked-token': { expires: 'as long as the token would have lived' },
  'token-family': { expires: 'with its last refresh token; it names ids alone' },
  'logout-delivery': { expires: 'a week after the session ended' },
  'outgoing-event': { expires: 'two days after the table told of it' },
};

/** Rows that are found together, and what goes with each of them, before it. */
export interface Collection {
  readonly partition: string;
  readonly index?: true;
  readonly goingWith?: (row: Item) => GoingWith;
}

export interface GoingWith {
  readonly keys?: readonly Key[];
  readonly collections?: readonly Collection[];
  /** An identity provider, whose secret lies outside the table. */
  readonly provider?: string;
}

type Step = Exclude<DeletionStep, 'waiting' | 'tenant'>;

/** What is removed in each step but the last, in this order. */
export function contentsOf(tenant: string, step: Step): readonly Collection[] {
  return contents[step](tenant);
}

const contents: Readonly<Record<Step, (tenant: string) => readonly Collection[]>> = {
  applications: (tenant) => [
    { partition: listPartition(tenant), goingWith: applicationGoing },
    { partition: partitionKey('app-connection', tenant), goingWith: connectionGoing(tenant) },
    { partition: offerPartition(tenant) },
  ],
  integrations: (tenant) => [
    { partition: partitionKey('integration-name', tenant), goingWith: integrationGoing(tenant) },
    { partition: partitionKey('endpoint', tenant), goingWith: logGoing(tenant) },
    { partition: partitionKey('delivery', tenant), goingWith: logGoing(tenant) },
    { partition: partitionKey('pending-authorization', tenant) },
    { partition: partitionKey('rights-removal', tenant) },
    { partition: projectRightsOfTenantPartition(tenant), index: true },
  ],
  'identity-providers': (tenant) => [
    { partition: partitionKey('identity-provider', tenant), goingWith: providerGoing(tenant) },
  ],
  users: (tenant) => [
    { partition: partitionKey('username', tenant), goingWith: userGoing },
    { partition: partitionKey('session', tenant), goingWith: ({ sk }) => accessGoing(tenant, String(sk)) },
    { partition: consentsOfTenantPartition(tenant), index: true },
  ],
  projects: (tenant) => [{ partition: partitionKey('project', tenant), goingWith: projectGoing(tenant) }],
  'audit-events': (tenant) => [{ partition: partitionKey('audit-event', tenant), goingWith: eventGoing }],
};

const storedTenants = once(() => z.object({ tenants: z.optional(z.union([z.literal('all'), z.array(z.string())])) }));

/** Its versions, whom it is offered to, and what its developer saw of its connections; other tenants' rows stay theirs. */
function applicationGoing(row: Item): GoingWith {
  const id = idOfLine(row);
  const offers = (part: Item): GoingWith => {
    const { tenants = [] } = z.parse(storedTenants(), part);
    return { keys: tenants === 'all' ? [] : tenants.map((offered) => offerKey(offered, id)) };
  };
  return {
    keys: [offerKey('all', id), { ...offerKey('all', id), pk: partitionKey('application-list', 'waiting') }],
    collections: [
      { partition: applicationConnectionKey(id, '').pk },
      { partition: applicationKey(id).pk, goingWith: offers },
    ],
  };
}

const storedConnection = once(() => z.object({ applicationId: z.string() }));

/** Its developer's view of it lies in the developer's tenant. */
function connectionGoing(tenant: string) {
  return (row: Item): GoingWith => ({
    keys: [applicationConnectionKey(z.parse(storedConnection(), row).applicationId, tenant)],
  });
}

const storedName = once(() => z.object({ client_id: z.string() }));

function integrationGoing(tenant: string) {
  return (row: Item): GoingWith => {
    const { client_id: clientId } = z.parse(storedName(), row);
    return {
      keys: [integrationKey(tenant, clientId)],
      collections: [
        { partition: partitionKey('ssh-key', tenant, clientId), goingWith: sshKeyGoing(tenant) },
        { partition: partitionKey('delivery', tenant, clientId) },
        { partition: partitionKey('credential-use', tenant, clientId) },
      ],
    };
  };
}

const storedSshKey = once(() => z.object({ fingerprint: z.string() }));

function sshKeyGoing(tenant: string) {
  return (row: Item): GoingWith => ({ keys: [fingerprintKey(tenant, z.parse(storedSshKey(), row).fingerprint)] });
}

/** The endpoint of an integration outlives it by days, and deliveries to it outlive both. */
function logGoing(tenant: string) {
  return ({ sk }: Item): GoingWith => ({
    collections: [{ partition: partitionKey('delivery', tenant, String(sk)) }],
  });
}

const storedProvider = once(() => z.object({ id: z.string() }));

function providerGoing(tenant: string) {
  return (row: Item): GoingWith => {
    const { id } = z.parse(storedProvider(), row);
    const goingWith = (link: Item): GoingWith => ({ keys: linkKeysOf(link) });
    return { provider: id, collections: [{ partition: partitionKey('federated-identity', tenant, id), goingWith }] };
  };
}

function userGoing(row: Item): GoingWith {
  const { tenant, id, email } = parseUser(row);
  return {
    keys: [
      emailKey(tenant, foldedName(email)),
      userCredentialsKey(tenant, id),
      passwordLinkKey(tenant, id),
      userItemKey(tenant, id),
    ],
    ...accessGoing(tenant, id),
  };
}

/** What a user signed in with, also one who was deleted before the tenant. */
function accessGoing(tenant: string, userId: string): GoingWith {
  return {
    collections: (['session', 'personal-access-token'] as const).map((kind) => ({
      partition: partitionKey(kind, tenant, userId),
    })),
  };
}

const storedProject = once(() => z.object({ key: z.string() }));

/** Its issues and their count; those of a deleted project are found by what is left of it. */
function projectGoing(tenant: string) {
  return (row: Item): GoingWith => ({
    collections: [{ partition: partitionKey('issue', tenant, z.parse(storedProject(), row).key) }],
  });
}

/** The row in the tenant's partition, with which the others go, is the first of them. */
function eventGoing(row: Item): GoingWith {
  const [, ...others] = partitionsOfEvent(row);
  return { keys: others.map((pk) => ({ pk, sk: String(row.sk) })) };
}
