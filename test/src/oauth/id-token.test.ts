import { createHash } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { describe, expect, it } from 'vitest';
import type { AuthenticationMethod } from '../../../src/entities/session.ts';
import { contextClassOf, type IdTokenContents, issueIdToken } from '../../../src/oauth/id-token.ts';
import { authorizationServer, issuer, settings } from './authorization-server.ts';

const server = await authorizationServer();
const user = {
  id: 'usr_1',
  sessionId: 'ses_1',
  authenticatedAt: '2026-11-21T11:58:00.900Z',
  methods: ['pwd', 'otp'],
} as const;
const issue = (contents: Partial<IdTokenContents> = {}) =>
  issueIdToken({ clientId: 'int_1', user, ...contents }, settings, server.ports);

describe('an ID token', () => {
  it('says who signed in, when, how, for whom, and nothing else', async () => {
    const issuedAt = server.time.now / 1000;
    expect(decodeJwt(await issue())).toEqual({
      iss: issuer,
      sub: 'usr_1',
      aud: 'int_1',
      iat: issuedAt,
      exp: issuedAt + 3600,
      auth_time: issuedAt - 120,
      amr: ['pwd', 'otp'],
      acr: 'aal2',
      sid: 'ses_1',
    });
  });

  it('is no access token by its type', async () => {
    expect(decodeProtectedHeader(await issue())).toMatchObject({ typ: 'JWT' });
  });

  it('repeats the nonce and binds the access token that comes with it (OIDC Core §3.1.3.6)', async () => {
    const half = createHash('sha256').update('a.b.c').digest().subarray(0, 16);
    expect(decodeJwt(await issue({ nonce: 'n', accessToken: 'a.b.c' }))).toMatchObject({
      nonce: 'n',
      at_hash: half.toString('base64url'),
    });
  });

  it('says more of the user where it is told to, and can be told nothing else', async () => {
    const claims = decodeJwt(await issue({ userClaims: { name: 'Ada', sub: 'usr_2', iss: 'x' } }));
    expect(claims).toMatchObject({ name: 'Ada', sub: 'usr_1', iss: issuer });
  });
});

it.each<[string, AuthenticationMethod[]]>([
  ['aal1', ['pwd']],
  ['aal1', ['fed']],
  ['aal1', ['otp']],
  ['aal1', ['otp', 'rec']],
  ['aal2', ['pwd', 'otp']],
  ['aal2', ['pwd', 'rec']],
  ['aal2', ['fed', 'otp']],
  ['aal2', ['hwk']],
])('%s: signed in by %s', (expected, methods) => {
  expect(contextClassOf(methods)).toBe(expected);
});
