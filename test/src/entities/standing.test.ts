import { describe, expect, it } from 'vitest';
import type { ApplicationStanding } from '../../../src/entities/application.ts';
import { standingIntegration } from '../../../src/entities/standing.ts';
import type { TenantStanding } from '../../../src/entities/tenant.ts';
import { grantedIn } from '../../project-grants.ts';
import { newIntegration } from '../oauth/access-token/scene.ts';

const integration = grantedIn(newIntegration(), { PRJ: ['issues:read', 'boards:read'], SHOP: ['boards:read'] });
const tenant: TenantStanding = { tenant: integration.tenant, status: 'active', operator: false };
const connection = { ...integration, application: { id: 'app_1', acceptedVersion: 2, rights: {} } };
const application: ApplicationStanding = {
  status: 'published',
  rights: { 'issues:read': { since: 1 }, 'users:read': { since: 2 }, 'boards:read': { since: 1 } },
};

describe('an integration', () => {
  it('counts as it is in an active tenant', () => {
    expect(standingIntegration(integration, { tenant })).toBe(integration);
  });

  it.each([
    ['is suspended', { ...tenant, status: 'suspended' }],
    ['is being deleted', { ...tenant, status: 'deleting' }],
    ['is not there', undefined],
  ] as const)('counts as disabled where its tenant %s', (_, found) => {
    expect(standingIntegration(integration, { tenant: found })).toEqual({ ...integration, status: 'disabled' });
    expect(standingIntegration(connection, { tenant: found, application })).toHaveProperty('status', 'disabled');
  });

  it('that is disabled itself stays so', () => {
    const disabled = { ...integration, status: 'disabled' } as const;
    expect(standingIntegration(disabled, { tenant })).toHaveProperty('status', 'disabled');
    expect(standingIntegration({ ...connection, status: 'disabled' }, { tenant, application })).toHaveProperty(
      'status',
      'disabled',
    );
  });
});

describe('a connection', () => {
  it('counts with all it was granted while its application asks for it', () => {
    expect(standingIntegration(connection, { tenant, application })).toEqual(connection);
  });

  it.each([
    ['was withdrawn', { ...application, status: 'withdrawn' }],
    ['was banned', { ...application, status: 'banned' }],
    ['was not found', undefined],
  ] as const)('counts as disabled where its application %s', (_, found) => {
    expect(standingIntegration(connection, { tenant, application: found })).toHaveProperty('status', 'disabled');
  });

  it('is without what its application asks for no more, globally and in every project', () => {
    const { 'boards:read': _, 'users:read': __, ...rights } = application.rights;
    expect(standingIntegration(connection, { tenant, application: { ...application, rights } })).toMatchObject({
      rights: { 'issues:read': { state: 'granted' } },
      projectGrants: { count: 2, listed: { PRJ: ['issues:read'] } },
    });
    expect(
      Object.keys(standingIntegration(connection, { tenant, application: { ...application, rights } }).rights),
    ).toEqual(['issues:read']);
  });

  it('is without what was given up and asked for anew in a version that was not accepted', () => {
    const rights = { ...application.rights, 'users:read': { since: 3 } };
    const standing = standingIntegration(connection, { tenant, application: { ...application, rights } });
    expect(Object.keys(standing.rights)).toEqual(['issues:read']);
    const accepted = { ...connection, application: { ...connection.application, acceptedVersion: 3 } };
    expect(standingIntegration(accepted, { tenant, application: { ...application, rights } })).toEqual(accepted);
  });
});
