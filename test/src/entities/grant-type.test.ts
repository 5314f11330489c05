import { describe, expect, it } from 'vitest';
import { InvalidInput, MissingRights } from '../../../src/entities/errors.ts';
import { addedLegacyGrants, deviceCodeGrant, grantFaults } from '../../../src/entities/grant-type.ts';

const redirectUris = ['https://app.example/callback'];
const members = {
  grantTypes: ['client_credentials'],
  tokenEndpointAuthMethod: 'client_secret_basic',
  redirectUris: [],
  jwks: [],
} as const;

describe('what does not go together', () => {
  it.each([
    ['a refresh token that nothing comes before', { grantTypes: ['refresh_token'] }, '/grant_types'],
    ['codes without a place to send them', { grantTypes: ['authorization_code'] }, '/redirect_uris'],
    ['tokens in the front channel without one', { grantTypes: ['implicit'] }, '/redirect_uris'],
    ['a public client that acts for itself', { tokenEndpointAuthMethod: 'none' }, '/grant_types'],
    [
      'a public client that takes passwords',
      { tokenEndpointAuthMethod: 'none', grantTypes: ['authorization_code', 'password'], redirectUris },
      '/grant_types',
    ],
    [
      'a public client with keys',
      { tokenEndpointAuthMethod: 'none', grantTypes: [deviceCodeGrant], jwks: [{ kid: 'key-1', kty: 'EC' }] },
      '/jwks',
    ],
    ['keys to authenticate with, and none', { tokenEndpointAuthMethod: 'private_key_jwt' }, '/jwks'],
  ] as const)('is %s', (_, fault, pointer) => {
    expect(grantFaults({ ...members, ...fault }).map((each) => each.pointer)).toEqual([pointer]);
  });

  it.each([
    {},
    { grantTypes: ['client_credentials', 'refresh_token'] },
    { grantTypes: ['authorization_code', 'refresh_token'], redirectUris, tokenEndpointAuthMethod: 'none' },
    { grantTypes: [deviceCodeGrant], tokenEndpointAuthMethod: 'none' },
    { grantTypes: ['password'] },
    { redirectUris },
    { tokenEndpointAuthMethod: 'private_key_jwt', jwks: [{ kid: 'key-1', kty: 'EC' }] },
  ] as const)('is not %j', (more) => {
    expect(grantFaults({ ...members, ...more })).toEqual([]);
  });
});

describe('legacy grant types', () => {
  const holds = (...rights: readonly string[]) => ({ holds: (right: string) => rights.includes(right) });
  const manager = holds('users:manage');

  it('that a change adds are named, where they are offered and the caller manages users', () => {
    const after = ['authorization_code', 'implicit', 'password'];
    expect(addedLegacyGrants(['password'], after, ['implicit'], manager)).toEqual(['implicit']);
    expect(() => addedLegacyGrants(['password'], after, ['implicit'], holds())).toThrow(MissingRights);
    expect(() => addedLegacyGrants([], after, ['implicit'], manager)).toThrow(InvalidInput);
  });

  it('that stay or go ask for nothing', () => {
    expect(addedLegacyGrants(['implicit', 'password'], ['implicit'], [], holds())).toEqual([]);
  });
});
