import { randomBytes } from 'node:crypto';
import { dpopProofs } from '../../src/adapters/dynamodb/dpop-proof.ts';
import { livenessReader } from '../../src/adapters/dynamodb/liveness.ts';
import { personalAccessTokenItem, tokenUses } from '../../src/adapters/dynamodb/personal-access-token.ts';
import type { AccessPattern } from './access-patterns.ts';
import { personalAccessToken } from './samples.ts';

const ofToken = { tenant: '{tenant}', clientId: '{client_id}', tokenId: '{jti}', kid: '{kid}' };
const whereTokensAreAccepted = ['auth/introspect', 'authorizer/rights-authorizer'];

/** What is read, and written, of a token that is presented: whatever its kind, one read. */
export const presentedTokenPatterns: readonly AccessPattern[] = [
  {
    name: "What a machine's token hangs on; its signing key where its state is older than a second",
    usedBy: [...whereTokensAreAccepted, 'auth/userinfo'],
    run: (table) => livenessReader(table).read(ofToken),
  },
  {
    name: 'What a token hangs on that acts for a user: its family, that user, their consent and the session',
    usedBy: [...whereTokensAreAccepted, 'auth/userinfo'],
    run: (table) =>
      livenessReader(table).read({
        ...ofToken,
        familyId: '{family}',
        userId: '{user_id}',
        sessionId: '{session_id}',
      }),
  },
  {
    name: 'A personal access token, its user, and the consent to the app that it was made through',
    usedBy: whereTokensAreAccepted,
    run: (table) =>
      livenessReader(table).read({
        tenant: '{tenant}',
        clientId: '{client_id}',
        userId: '{user_id}',
        personalAccessToken: '{hash}',
      }),
  },
  {
    name: 'A personal access token is in use; once an hour, after it was decided on',
    usedBy: ['authorizer/rights-authorizer'],
    holding: [personalAccessTokenItem(personalAccessToken)],
    run: (table) => tokenUses(table).noteUse(personalAccessToken, 0),
  },
  {
    name: 'A proof of possession is used once; forgotten once it has expired',
    usedBy: ['authorizer/rights-authorizer', 'auth/token', 'auth/userinfo', 'auth/par'],
    run: (table) =>
      dpopProofs(table, randomBytes).useOnce({ tenant: '{tenant}', thumbprint: '{thumbprint}', jti: '{jti}' }, 0),
  },
];
