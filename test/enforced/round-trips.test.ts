import { beforeAll, describe, expect, test } from 'vitest';
import { type Operation, routes } from '../../src/api/routes.ts';
import { createIntegration, tokenOf } from '../conformance/client.ts';
import { newCode, newDeviceCode, newRefreshToken } from './codes.ts';
import { type EnforcedRun, enforcedRun, synthesized } from './enforced-run.ts';
import { createKeyClient } from './key-client.ts';
import { prepare, requestsOn, type Scene } from './operations.ts';
import { newPerson, signedIn } from './people.ts';
import { form, operations, type Prepared, send, succeed } from './request.ts';

let run: EnforcedRun;
let scene: Scene;
const calls = new Map<Operation, Record<string, Record<string, number>>>();

/** The calls of one warm request, by function. */
async function callsOf(operation: Operation, request: Prepared): Promise<Record<string, Record<string, number>>> {
  return run.callsDuring(() => succeed(run.outputs, operation, request));
}

beforeAll(async () => {
  run = await enforcedRun(synthesized());
  // The first round warms every function; the second, with objects and a token of its own, is counted.
  const first = requestsOn(await prepare(run.outputs));
  for (const operation of operations) await send(run.outputs, operation, first[operation]);
  scene = await prepare(run.outputs);
  const second = requestsOn(scene);
  for (const operation of operations) calls.set(operation, await callsOf(operation, second[operation]));
}, 300_000);

const sum = (counts: Record<string, number> = {}): number => Object.values(counts).reduce((all, each) => all + each, 0);

/** The function's own calls, without its authorizer's. */
function ownCalls(operation: Operation): Record<string, number> {
  return Object.fromEntries(
    Object.entries(calls.get(operation) ?? {})
      .filter(([entry]) => !entry.endsWith('/authorizer'))
      .flatMap(([, counts]) => Object.entries(counts)),
  );
}

test('a token is one read and one signature, and one write where it is the first of its credential in an hour', async () => {
  const client = await createIntegration(run.outputs, scene.admin, ['issues:read']);
  const request = { body: form(client, { grant_type: 'client_credentials' }) };
  const usual = { 'dynamodb:BatchGetItem': 1, 'kms:Sign': 1 };
  expect(await callsOf('token', request)).toEqual({ 'auth/token': { ...usual, 'dynamodb:PutItem': 1 } });
  expect(await callsOf('token', request)).toEqual({ 'auth/token': usual });
});

test('a token for an assertion is one write more', async () => {
  const client = await createKeyClient(run.outputs, scene.admin, ['issues:read']);
  const request = async () => ({ body: await client.authenticated({ grant_type: 'client_credentials' }) });
  await succeed(run.outputs, 'token', request);
  expect(await callsOf('token', request)).toEqual({
    'auth/token': { 'dynamodb:BatchGetItem': 1, 'dynamodb:PutItem': 1, 'kms:Sign': 1 },
  });
});

describe('what users allowed costs a token request', () => {
  // The client; what is redeemed; what it hangs on. Then a secret and signatures, and all is written at once. A client's
  // first token in an hour notes that its secret was used.
  const reads = { 'dynamodb:BatchGetItem': 2, 'dynamodb:GetItem': 1 };
  const first = { ...reads, 'kms:Encrypt': 1, 'dynamodb:PutItem': 1, 'dynamodb:TransactWriteItems': 1 };
  test.each([
    ['a code', newCode, { ...first, 'kms:Sign': 2 }],
    ['a refresh token', newRefreshToken, { ...reads, 'kms:Decrypt': 1, 'kms:Sign': 2, 'dynamodb:PutItem': 1 }],
    ['a device code', newDeviceCode, { ...first, 'kms:Sign': 1 }],
  ] as const)('%s', async (_, make, expected) => {
    const browser = await signedIn(run.outputs, await newPerson(run.outputs, scene.admin));
    const { redemption } = await make(run.outputs, scene.admin, browser);
    expect(await callsOf('token', redemption)).toEqual({ 'auth/token': expected });
  });
});

test('a decision is one read, and none where the gateway has kept it', async () => {
  const token = await tokenOf(run.outputs, run.outputs.admin);
  for (const [operation, authorizer] of [
    ['listUsers', 'api/authorizer'],
    ['getIntegration', 'admin/authorizer'],
  ] as const) {
    const request = { token, path: { client_id: 'self' } };
    expect((await callsOf(operation, request))[authorizer]).toEqual({ 'dynamodb:BatchGetItem': 1 });
    expect((await callsOf(operation, request))[authorizer]).toBeUndefined();
  }
});

/** Where it is more than one: at once, save what is named after what was listed. */
const readsAtMost: Partial<Record<Operation, number>> = {
  // When they were last used is asked beside the secrets; whether the integration is there, beside its keys.
  listSecrets: 2,
  listSshKeys: 2,
  // Whose key it is, then all that the integration stands under; that it was used is noted once an hour.
  lookUpSshKey: 3,
  // Whether the project is there is asked beside its issues; whether issues' projects are, after them.
  listIssues: 2,
  listIssuesOfProject: 2,
  // Whether the user is there, and since when what is theirs counts.
  listSessions: 2,
  listSessionsOfUser: 2,
  listPersonalAccessTokens: 2,
  listPersonalAccessTokensOfUser: 2,
  getPersonalAccessToken: 2,
  // What tenants are called, after the list of them.
  listTenants: 2,
  // The integration, and its endpoint; whether it fails is asked beside what it is.
  setEndpoint: 2,
  getEndpoint: 2,
  removeEndpoint: 2,
  addEndpointKey: 2,
  pingEndpoint: 2,
  // The integration, which of the projects exist, and what it asked for there.
  requestProjectRights: 3,
  withdrawFromProject: 2,
  // What waits; then whose it is, and which of the projects exist.
  listAuthorizations: 2,
  // What integrations are called, after the consents to them.
  listConsents: 2,
  listConsentsOfUser: 3,
  // Whether the user is there, which provider it is, and whether somebody who is gone was the subject.
  listFederatedIdentities: 2,
  getFederatedIdentity: 2,
  unlinkFederatedIdentity: 2,
  linkFederatedIdentity: 3,
  // The user, and then what they sign in with.
  resetSecondFactor: 2,
  // The provider, and the links to it.
  deleteIdentityProvider: 2,
  // The grant it is made under, the tenant's policy, and how many there are.
  createPersonalAccessToken: 3,
  // Applications, after the list of their ids.
  listApplications: 2,
  listApprovals: 2,
  // Four lists at once: of what was decided on, what is offered to the tenant and to all, and what is its own.
  listApps: 5,
  // An application and whom it is offered to; then its latest version, which the application names.
  getApplication: 2,
  getApproval: 2,
  withdrawApplication: 2,
  approveApplication: 2,
  banApplication: 2,
  unbanApplication: 2,
  // What its publisher is called is asked beside it.
  changeApplication: 3,
  // The tenants that it is offered to by name, and those that decided.
  listConnections: 2,
  // The application, whether it is offered and what was decided; then the versions that these name.
  getApp: 2,
  decideOnConnection: 2,
};

/** What takes other things with it: a provider's links, some at a time, and then what remembers that they are to go. */
const writesAtMost: Partial<Record<Operation, number>> = {
  deleteIdentityProvider: 3,
  // What came back is answered, and kept nowhere.
  pingEndpoint: 0,
};

describe('an operation that writes is one transaction or put after at most one read', () => {
  const writing = operations.filter((operation) => {
    const { api, method } = routes[operation];
    return api !== 'auth' && method !== 'GET';
  });
  test.each(writing)('%s', (operation) => {
    const own = ownCalls(operation);
    const count = (names: RegExp) => sum(Object.fromEntries(Object.entries(own).filter(([name]) => names.test(name))));
    expect(count(/^dynamodb:(?:TransactWriteItems|PutItem)$/)).toBe(writesAtMost[operation] ?? 1);
    expect(count(/^dynamodb:(?:GetItem|BatchGetItem|Query)$/)).toBeLessThanOrEqual(readsAtMost[operation] ?? 1);
    // Making a secret encrypts it once, or has it kept.
    expect(count(/^(?:kms|secretsmanager):/)).toBeLessThanOrEqual(1);
    expect(sum(own)).toBe(count(/^(?:dynamodb|kms|secretsmanager):/));
  });
});

describe('an operation that reads is at most one read, its cursor’s key apart', () => {
  const reading = operations.filter((operation) => {
    const { api, method } = routes[operation];
    return api !== 'auth' && method === 'GET' && operation !== 'readSecret';
  });
  test.each(reading)('%s', (operation) => {
    expect(sum(ownCalls(operation))).toBeLessThanOrEqual(readsAtMost[operation] ?? 1);
  });

  test('readSecret writes first that it was read', () => {
    expect(ownCalls('readSecret')).toEqual({
      'dynamodb:GetItem': 1,
      'dynamodb:TransactWriteItems': 1,
      'kms:Decrypt': 1,
    });
  });
});

type OfAuthorizationServer = {
  [O in Operation]: (typeof routes)[O]['api'] extends 'auth' ? O : never;
}[Operation];

/** What one request reads and writes at most; what is asked for together is one read, a transaction one write. */
const atMost: Record<OfAuthorizationServer, readonly [reads: number, writes: number]> = {
  openidConfiguration: [0, 0],
  authorizationServerMetadata: [0, 0],
  authorizationServerMetadataAtRoot: [0, 0],
  jwks: [1, 0],
  webhookJwks: [0, 0],
  assets: [0, 0],
  token: [1, 0],
  deviceAuthorization: [1, 1],
  pushAuthorizationRequest: [1, 1],
  introspect: [2, 0],
  revoke: [1, 1],
  userinfo: [1, 0],
  userinfoByPost: [1, 0],
  authorize: [2, 1],
  authorizePost: [1, 1],
  logout: [2, 0],
  logoutPost: [1, 0],
  confirmLogout: [3, 1],
  signInPage: [4, 0],
  // Counted, forgiven, and the browser known from then on; what the interaction reached, and the session.
  signIn: [5, 5],
  accounts: [3, 0],
  chooseAccount: [3, 1],
  consentPage: [4, 0],
  consent: [6, 2],
  account: [4, 0],
  endOwnSessionPage: [2, 1],
  withdrawOwnConsentPage: [2, 1],
  signOut: [2, 1],
  signedOut: [1, 0],
  devicePage: [0, 0],
  device: [2, 3],
  setPasswordPage: [3, 0],
  setPassword: [6, 2],
  changePasswordPage: [1, 0],
  changePassword: [2, 4],
  secondFactorPage: [4, 0],
  secondFactor: [6, 5],
  enrolSecondFactorPage: [4, 1],
  enrolPasskey: [5, 4],
  authenticatorPage: [4, 0],
  enrolAuthenticator: [5, 3],
  accountSecondFactorPage: [2, 0],
  changeSecondFactor: [2, 1],
  startUpstream: [3, 1],
  upstreamCallback: [6, 4],
  linkedAccounts: [3, 0],
  linkAccount: [2, 2],
  unlinkAccount: [3, 1],
};

describe('a request to the authorization server reads and writes no more than is written here', () => {
  test.each(Object.entries(atMost) as [OfAuthorizationServer, readonly [number, number]][])(
    '%s',
    (operation, [reads, writes]) => {
      const own = Object.entries(ownCalls(operation));
      const count = (names: RegExp) => sum(Object.fromEntries(own.filter(([name]) => names.test(name))));
      expect(count(/^dynamodb:(?:GetItem|BatchGetItem|Query)$/)).toBeLessThanOrEqual(reads);
      expect(count(/^dynamodb:(?:PutItem|UpdateItem|DeleteItem|TransactWriteItems)$/)).toBeLessThanOrEqual(writes);
      expect(count(/^(?:kms|secretsmanager):/)).toBeLessThanOrEqual(1);
    },
  );
});
