import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PublishedApplication } from '../../../src/entities/application.ts';
import { changedApplication, newApplication } from '../../../src/entities/application-version.ts';
import {
  acceptedApplication,
  acceptingIntegration,
  connectionOf,
  connectionSettings,
  hasMoreToAccept,
  mustKeepToAccepted,
  stateOf,
} from '../../../src/entities/connection.ts';
import { Conflict } from '../../../src/entities/errors.ts';
import { newClientId, newTenantBoundId, newTenantId } from '../../../src/entities/identifiers.ts';
import { grantedRights, type Integration } from '../../../src/entities/integration.ts';
import { createdIntegration } from '../../../src/entities/integration-settings.ts';
import type { Caller } from '../../../src/entities/requested-rights.ts';
import { standingIntegration } from '../../../src/entities/standing.ts';

const now = Date.parse('2026-11-21T10:00:00.000Z');
const at = new Date(now).toISOString();
const [developer, tenant] = [newTenantId(randomBytes), newTenantId(randomBytes)];
const publication = { tenant: developer, publisher: 'Maker', subject: 'usr_developer', at };
const caller: Caller = {
  ...{ tenant, subject: 'usr_administrator', clientId: 'int_console' },
  holds: () => true,
  lackedInSomeProject: () => [],
};

const reasonsFor = (rights: readonly string[]) => Object.fromEntries(rights.map((right) => [right, 'why']));

function registered(rights: readonly string[]): PublishedApplication {
  const settings = {
    name: 'Mirror',
    grantTypes: ['client_credentials'],
    tokenEndpointAuthMethod: 'client_secret_basic',
    applicationType: 'web',
    redirectUris: [],
    postLogoutRedirectUris: [],
    reasons: reasonsFor(rights),
  } as const;
  return newApplication(newTenantBoundId('app', developer, randomBytes), settings, [], publication);
}

const publish = (before: PublishedApplication, rights: readonly string[]) =>
  changedApplication(before, { reasons: reasonsFor(rights) }, undefined, publication) ?? before;

type Connected = Integration & Required<Pick<Integration, 'application'>>;

function connected({ version }: PublishedApplication, ticked: readonly string[]): Connected {
  const made = { clientId: newClientId(tenant, randomBytes), secrets: [], now };
  const integration = createdIntegration(connectionSettings(version, ticked), caller, made);
  return { ...integration, application: acceptedApplication(version) };
}

const active = { tenant, status: 'active', operator: false } as const;
const heldBy = (integration: Integration, { application }: PublishedApplication) =>
  grantedRights(standingIntegration(integration, { tenant: active, application })).sort();

const names = ['issues:read', 'issues:write', 'users:read', 'boards:read'];
const some = fc.subarray(names);
const step = fc.oneof(
  fc.record({ do: fc.constant('publish' as const), rights: some }),
  fc.record({ do: fc.constant('accept' as const), ticked: fc.option(some, { nil: undefined }) }),
);

describe('a connection', () => {
  it('holds, after whatever versions and acceptances, what was ticked and has been asked for ever since', () => {
    fc.assert(
      fc.property(some, some, fc.array(step, { maxLength: 15 }), (first, ticked, steps) => {
        let published = registered(first);
        let integration = connected(
          published,
          ticked.filter((right) => first.includes(right)),
        );
        // What a tenant would write down: what it ticked, and what it has been asked for since it last accepted.
        let held = new Set(ticked.filter((right) => first.includes(right)));
        let known = new Set(first);
        for (const next of steps) {
          if (next.do === 'publish') {
            published = publish(published, next.rights);
            const isAskedFor = (right: string) => next.rights.includes(right);
            held = new Set([...held].filter(isAskedFor));
            known = new Set([...known].filter(isAskedFor));
          } else if (hasMoreToAccept(published.application, integration.application)) {
            const asked = Object.keys(published.version.reasons);
            const chosen = next.ticked?.filter((right) => asked.includes(right));
            const after = acceptingIntegration(integration, published, chosen, caller, now);
            integration = { ...after, application: acceptedApplication(published.version) };
            held = new Set([...held, ...(chosen ?? asked.filter((right) => !known.has(right)))]);
            known = new Set(asked);
          }
          expect(heldBy(integration, published)).toEqual([...held].sort());
          const asksMore = Object.keys(published.version.reasons).some((right) => !known.has(right));
          const state = stateOf(published.application, connectionOf(integration));
          expect(state).toBe(asksMore ? 'awaiting_acceptance' : 'connected');
        }
      }),
    );
  });

  it('is given nothing beyond what was accepted, and keeps what only its application changes', () => {
    const published = registered(['issues:read']);
    const before = connected(published, []);
    const requested = { state: 'pending', requestedBy: 'usr_1' } as const;
    const project = { tenant, clientId: before.clientId, project: 'PRJ', version: 1 };
    const beyond = { 'users:read': requested };
    const within = { 'issues:read': requested };
    for (const change of [
      { rights: beyond },
      { name: 'Other' },
      { redirectUris: ['https://other.example/'] },
      { grantTypes: ['refresh_token'] },
    ])
      expect(() => mustKeepToAccepted(before, { ...before, ...change })).toThrow(Conflict);
    expect(() => mustKeepToAccepted(before, before, [{ after: { ...project, rights: beyond } }])).toThrow(Conflict);

    expect(() => mustKeepToAccepted(before, { ...before, rights: within, status: 'disabled' })).not.toThrow();
    expect(() => mustKeepToAccepted(before, before, [{ after: { ...project, rights: within } }])).not.toThrow();
    const { application: _, ...own } = before;
    expect(() => mustKeepToAccepted(own, { ...own, name: 'Other', rights: beyond })).not.toThrow();
  });
});
