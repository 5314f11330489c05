import { describe, expect, it } from 'vitest';
import { credentialsChange, credentialsSeen } from '../../../src/entities/credentials-change.ts';
import { type Integration, machineOnly } from '../../../src/entities/integration.ts';

const now = Date.parse('2026-11-21T10:00:00.000Z');
const before: Integration = {
  tenant: 'ten_1',
  clientId: 'int_1',
  name: 'Sync',
  status: 'active',
  owner: 'usr_1',
  grantTypes: ['client_credentials', 'authorization_code'],
  tokenEndpointAuthMethod: 'client_secret_basic',
  jwks: [],
  ...machineOnly,
  redirectUris: ['https://app.example/'],
  rights: {},
  secrets: [{ id: 'sec_1', hash: 'h', lastFour: 'abcd', createdAt: '2026-11-20T10:00:00.000Z' }],
  tokenGeneration: 0,
  createdAt: '2026-11-20T10:00:00.000Z',
  version: 1,
};
const noted = (change: Partial<Integration>) => credentialsChange(before, { ...before, ...change }, 'usr_2', now);

describe('a change of who may have the tokens', () => {
  it.each<[string, Partial<Integration>]>([
    ['a secret that is added', { secrets: [...before.secrets, { ...before.secrets[0], id: 'sec_2' } as never] }],
    ['an SSH key that is added', { sshKeys: [{ id: 'ssh_1', fingerprint: 'SHA256:x' }] }],
    ['another redirect URI', { redirectUris: ['https://elsewhere.example/'] }],
    ['a key', { jwks: [{ kid: 'k', kty: 'OKP' }] }],
    ['another way to authenticate', { tokenEndpointAuthMethod: 'none' }],
    ['another grant type', { grantTypes: ['authorization_code'] }],
  ])('is noted with its time and its author: %s', (_, change) => {
    expect(noted(change)).toEqual({ credentialsChanged: { at: '2026-11-21T10:00:00.000Z', by: 'usr_2' } });
  });

  it.each<[string, Partial<Integration>]>([
    ['nothing', {}],
    ['its name', { name: 'Other' }],
    ['its status', { status: 'disabled' }],
    ['a secret that is revoked', { secrets: [] }],
    ['its rights', { rights: { 'users:read': { state: 'pending', requestedBy: 'usr_2' } } }],
    ['the order of its grant types', { grantTypes: ['authorization_code', 'client_credentials'] }],
  ])('is nothing else: %s', (_, change) => {
    expect(noted(change)).toEqual({});
  });
});

describe('a secret that is read again', () => {
  it('is noted with the time and the reader, who has what it will be granted', () => {
    expect(credentialsSeen(before, 'usr_2', now)).toEqual({
      credentialsSeen: { at: '2026-11-21T10:00:00.000Z', by: 'usr_2' },
    });
  });

  it('by its owner says nothing new', () => {
    expect(credentialsSeen(before, 'usr_1', now)).toEqual({});
  });
});
