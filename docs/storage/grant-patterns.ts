import { authorizationCodes } from '../../src/adapters/dynamodb/authorization-code.ts';
import { cursorKeyItem, cursorKeyReader } from '../../src/adapters/dynamodb/cursor-key.ts';
import { livenessReader } from '../../src/adapters/dynamodb/liveness.ts';
import { tokenFamilies } from '../../src/adapters/dynamodb/token-family.ts';
import type { AccessPattern } from './access-patterns.ts';
import { authorizationCode, tokenFamily } from './samples.ts';

const rotated = { generation: 0, ciphertext: '{ciphertext}', rotations: 1, idleExpiresAt: '{time}' };

/** How codes and refresh tokens become tokens, and what they descend from is ended. */
export const grantPatterns: readonly AccessPattern[] = [
  {
    name: 'What an authorization code stands for',
    usedBy: ['auth/token'],
    run: (table) => authorizationCodes(table).get('{tenant}', '{SHA-256 of code}'),
  },
  {
    name: 'What a family hangs on that begins or is refreshed: user, consent and session',
    usedBy: ['auth/token', 'auth/introspect'],
    run: (table) =>
      livenessReader(table).read({
        tenant: '{tenant}',
        clientId: '{client_id}',
        userId: '{user_id}',
        sessionId: '{session_id}',
      }),
  },
  {
    name: 'The same of a connection, and of one that holds more in projects than is listed',
    usedBy: ['auth/token', 'auth/introspect'],
    run: (table) =>
      livenessReader(table).read({
        tenant: '{tenant}',
        clientId: '{client_id}',
        userId: '{user_id}',
        applicationId: '{app_id}',
        projects: ['{project}'],
      }),
  },
  {
    name: 'A code is spent, its family begins',
    usedBy: ['auth/token'],
    run: (table) => authorizationCodes(table).redeem(authorizationCode, tokenFamily),
  },
  {
    name: 'A family begins that uses nothing up',
    usedBy: ['auth/token'],
    run: (table) => tokenFamilies(table).create(tokenFamily),
  },
  {
    name: 'The family of a refresh token',
    usedBy: ['auth/token', 'auth/introspect', 'auth/revoke'],
    run: (table) => tokenFamilies(table).get('{tenant}', '{family}'),
  },
  {
    name: 'A refresh token is used: its family counts on',
    usedBy: ['auth/token'],
    run: (table) => tokenFamilies(table).rotate(tokenFamily, rotated),
  },
  {
    name: 'A family is ended: used twice, or revoked',
    usedBy: ['auth/token', 'auth/revoke'],
    run: (table) => tokenFamilies(table).revoke('{tenant}', '{family}', '{time}'),
  },
  {
    name: 'The key that DPoP nonces are derived from, where the stage has dpop; once while the function is warm',
    usedBy: ['auth/token'],
    holding: [cursorKeyItem(new Uint8Array(32))],
    run: (table) => cursorKeyReader(table).get(),
  },
];
