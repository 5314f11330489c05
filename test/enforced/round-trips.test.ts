import { beforeAll, describe, expect, test } from 'vitest';
import { type Operation, routes } from '../../src/api/routes.ts';
import { tokenOf } from '../conformance/client.ts';
import { type EnforcedRun, enforcedRun, synthesized } from './enforced-run.ts';
import { createKeyClient } from './key-client.ts';
import { prepare, requestsOn, type Scene } from './operations.ts';
import { operations, type Prepared, send, succeed } from './request.ts';

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
});

const sum = (counts: Record<string, number> = {}): number => Object.values(counts).reduce((all, each) => all + each, 0);

/** The function's own calls, without its authorizer's. */
function ownCalls(operation: Operation): Record<string, number> {
  return Object.fromEntries(
    Object.entries(calls.get(operation) ?? {})
      .filter(([entry]) => !entry.endsWith('/authorizer'))
      .flatMap(([, counts]) => Object.entries(counts)),
  );
}

test('a token is one read and one signature', () => {
  expect(calls.get('token')).toEqual({ 'auth/token': { 'dynamodb:BatchGetItem': 1, 'kms:Sign': 1 } });
});

test('a token for an assertion is one write more', async () => {
  const client = await createKeyClient(run.outputs, scene.admin, ['issues:read']);
  const request = { body: await client.authenticated({ grant_type: 'client_credentials' }) };
  expect(await callsOf('token', request)).toEqual({
    'auth/token': { 'dynamodb:BatchGetItem': 1, 'dynamodb:PutItem': 1, 'kms:Sign': 1 },
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
  // Whether the project is there is asked beside its issues; whether issues' projects are, after them.
  listIssues: 2,
  listIssuesOfProject: 2,
  // Whether the user is there, and since when what is theirs counts.
  listSessions: 2,
  listSessionsOfUser: 2,
  listPersonalAccessTokens: 2,
  listPersonalAccessTokensOfUser: 2,
  getPersonalAccessToken: 2,
  // What integrations are called, after the consents to them.
  listConsents: 2,
  listConsentsOfUser: 3,
  // What an administrator holds depends on the tenant, which is read before the provider.
  listIdentityProviders: 2,
  getIdentityProvider: 2,
  changeIdentityProvider: 2,
  // Whether the user is there, which provider it is, and whether somebody who is gone was the subject.
  listFederatedIdentities: 2,
  getFederatedIdentity: 2,
  unlinkFederatedIdentity: 2,
  linkFederatedIdentity: 3,
  // The user's links and the tenant's providers, at once.
  linkedAccounts: 3,
  // The grant it is made under, the tenant's policy, and how many there are.
  createPersonalAccessToken: 3,
};

/** What takes other things with it: a provider's links, some at a time, and then what remembers that they are to go. */
const writesAtMost: Partial<Record<Operation, number>> = { deleteIdentityProvider: 3 };

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
  const writingToo: readonly Operation[] = ['readSecret', 'upstreamCallback'];
  const reading = operations.filter(
    (operation) => routes[operation].method === 'GET' && !writingToo.includes(operation),
  );
  test.each(reading)('%s', (operation) => {
    expect(sum(ownCalls(operation))).toBeLessThanOrEqual(readsAtMost[operation] ?? 1);
  });

  test('upstreamCallback takes the answer, makes the user and begins the session', () => {
    expect(ownCalls('upstreamCallback')).toEqual({
      'dynamodb:GetItem': 5,
      'dynamodb:BatchGetItem': 1,
      'dynamodb:PutItem': 2,
      'dynamodb:TransactWriteItems': 2,
      'secretsmanager:GetSecretValue': 1,
    });
  });

  test('readSecret writes first that it was read', () => {
    expect(ownCalls('readSecret')).toEqual({
      'dynamodb:GetItem': 1,
      'dynamodb:TransactWriteItems': 1,
      'kms:Decrypt': 1,
    });
  });
});
