import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { holds, implications } from '../../../src/api/rights.ts';
import type { PublishedApplication } from '../../../src/entities/application.ts';
import { changedApplication, newApplication } from '../../../src/entities/application-version.ts';
import { countedRights } from '../../../src/entities/asked-rights.ts';
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
import { grantedRights, type Integration, type RequestedRight } from '../../../src/entities/integration.ts';
import { changedIntegration, createdIntegration } from '../../../src/entities/integration-settings.ts';
import { grantsIn, type ProjectRights, projectGrantsAfter } from '../../../src/entities/project-rights.ts';
import { type Caller, type RequestedRights, rightsAskedBesides } from '../../../src/entities/requested-rights.ts';
import { standingIntegration, withRightsAskedNow } from '../../../src/entities/standing.ts';

const now = Date.parse('2026-11-21T10:00:00.000Z');
const at = new Date(now).toISOString();
const [developer, tenant] = [newTenantId(randomBytes), newTenantId(randomBytes)];
const publication = { tenant: developer, publisher: 'Maker', subject: 'usr_developer', at, implications };
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

function connected(published: PublishedApplication, ticked: readonly string[]): Connected {
  const made = { clientId: newClientId(tenant, randomBytes), secrets: [], now };
  const integration = createdIntegration(connectionSettings(published.version, ticked), caller, made);
  return { ...integration, application: acceptedApplication(published) };
}

const active = { tenant, status: 'active', operator: false } as const;
/** With all that they include. */
const closed = (rights: Iterable<string>) => names.filter((name) => holds(rights, name));
const row = (integration: Integration, rights: RequestedRights): ProjectRights => ({
  ...{ tenant, clientId: integration.clientId, project: 'PRJ', rights, version: 1 },
});

/** What it holds globally and in a project: by its list, and by the project's row where there is no list. */
function heldBy(integration: Integration, inProject: RequestedRights, { application }: PublishedApplication) {
  const listed = standingIntegration(integration, { tenant: active, application });
  const grants = grantsIn({ ...integration, projectGrants: { count: 1 } }, ['PRJ'], [row(integration, inProject)]);
  const looked = standingIntegration({ ...integration, projectGrants: grants }, { tenant: active, application });
  return {
    global: closed(grantedRights(listed)),
    listed: closed(listed.projectGrants?.listed?.PRJ ?? []),
    looked: closed(looked.projectGrants?.listed?.PRJ ?? []),
  };
}

const names = ['issues:read', 'issues:write', 'users:read', 'boards:read', 'boards:write'];
const some = fc.subarray(names);
const step = fc.oneof(
  fc.record({ do: fc.constant('publish' as const), rights: some }),
  fc.record({ do: fc.constant('accept' as const), rights: fc.option(some, { nil: undefined }) }),
  fc.record({ do: fc.constant('ask' as const), rights: some }),
  fc.record({ do: fc.constant('ask in a project' as const), rights: some }),
);

describe('a connection', () => {
  it('holds, after whatever versions and acceptances, what was granted of what has been asked for ever since', () => {
    fc.assert(
      fc.property(some, some, fc.array(step, { maxLength: 20 }), (first, ticked, steps) => {
        let published = registered(first);
        const chosen = ticked.filter((right) => first.includes(right));
        let integration = connected(published, chosen);
        let inProject: RequestedRights = {};
        // What a tenant would write down: what it granted, and what it has been asked for since it last accepted.
        let held = closed(chosen);
        let there: readonly string[] = [];
        let known = closed(first);
        for (const { do: does, rights = names } of steps) {
          const asked = closed(Object.keys(published.version.reasons));
          if (does === 'publish') {
            published = publish(published, rights);
            const isAskedFor = (right: string) => holds(rights, right);
            [held, there, known] = [held.filter(isAskedFor), there.filter(isAskedFor), known.filter(isAskedFor)];
          } else if (does === 'accept') {
            if (!hasMoreToAccept(published.application, integration.application)) continue;
            const wanted = rights === names ? undefined : rights.filter((right) => right in published.version.reasons);
            const after = acceptingIntegration(integration, published, wanted, caller, now);
            integration = { ...after, application: acceptedApplication(published) };
            const added = Object.keys(published.version.reasons).filter((right) => !known.includes(right));
            [held, known] = [closed([...held, ...(wanted ?? added)]), asked];
          } else {
            const wanted = rights.filter((right) => right in integration.application.rights);
            const wantedNow = closed(wanted).filter((right) => known.includes(right));
            if (does === 'ask') {
              integration = { ...integration, ...changedIntegration(integration, { rights: wanted }, caller, now) };
              held = wantedNow;
            } else {
              const request = { caller, integration, at, project: 'PRJ' };
              const after = rightsAskedBesides(inProject, wanted, request);
              const change = { before: row(integration, inProject), after: row(integration, after) };
              integration = { ...integration, projectGrants: projectGrantsAfter(integration, [change]) };
              [inProject, there] = [after, closed([...there, ...wantedNow])];
            }
          }
          expect(heldBy(integration, inProject, published)).toEqual({ global: held, listed: there, looked: there });
          const asksMore = Object.keys(published.version.reasons).some((right) => !known.includes(right));
          const state = stateOf(published.application, connectionOf(integration));
          expect(state).toBe(asksMore ? 'awaiting_acceptance' : 'connected');
        }
      }),
      { numRuns: 500 },
    );
  });

  it('asks for nothing beyond what was accepted, in any context; for less, where that is included', () => {
    const published = registered(['issues:write']);
    const integration = connected(published, []);
    const asked = (of: Pick<Integration, 'clientId' | 'application'>, right: string, project?: string) => () =>
      rightsAskedBesides({}, [right], { caller, integration: of, at, project });
    for (const project of [undefined, 'PRJ']) {
      expect(asked(integration, 'users:read', project)).toThrow(Conflict);
      expect(asked(integration, 'issues:write', project)()).toMatchObject({ 'issues:write': { state: 'granted' } });
      expect(asked(integration, 'issues:read', project)()).toMatchObject({ 'issues:read': { state: 'granted' } });
      expect(asked({ clientId: 'int_own' }, 'users:read', project)()).toHaveProperty(['users:read']);
    }
    const narrowed = withRightsAskedNow(integration, publish(published, ['issues:read']).application);
    expect(asked(narrowed, 'issues:write')).toThrow(Conflict);
    expect(asked(narrowed, 'issues:read')()).toHaveProperty(['issues:read']);
  });

  it('keeps what only its application changes', () => {
    const before = connected(registered(['issues:read']), []);
    for (const change of [
      { name: 'Other' },
      { redirectUris: ['https://other.example/'] },
      { grantTypes: ['refresh_token'] },
    ])
      expect(() => mustKeepToAccepted(before, { ...before, ...change })).toThrow(Conflict);
    expect(() => mustKeepToAccepted(before, { ...before, status: 'disabled' })).not.toThrow();
    const { application: _, ...own } = before;
    expect(() => mustKeepToAccepted(own, { ...own, name: 'Other' })).not.toThrow();
  });

  it('keeps what was decided of a right by itself, where a wider one that included it is asked for no more', () => {
    const published = registered(['issues:write', 'issues:read']);
    const integration = connected(published, ['issues:write']);
    const narrowed = withRightsAskedNow(integration, publish(published, ['issues:read']).application);
    const state = (own: RequestedRight['state'] | undefined) => {
      const request = { requestedBy: 'usr_1' } as const;
      const rights: RequestedRights = {
        'issues:write': { ...request, state: 'granted' },
        ...(own && { 'issues:read': { ...request, state: own } }),
      };
      return countedRights(narrowed, rights)['issues:read']?.state;
    };
    expect([undefined, 'pending', 'granted', 'declined', 'revoked'].map((own) => state(own as undefined))).toEqual([
      ...['granted', 'granted', 'granted'],
      ...['declined', 'revoked'],
    ]);
  });
});
