import { randomBytes } from 'node:crypto';
import { clientReader } from '../../src/adapters/dynamodb/client-reader.ts';
import { dpopProofs } from '../../src/adapters/dynamodb/dpop-proof.ts';
import { integrationItem } from '../../src/adapters/dynamodb/integration.ts';
import { livenessReader } from '../../src/adapters/dynamodb/liveness.ts';
import { personalAccessTokenItem, tokenUses } from '../../src/adapters/dynamodb/personal-access-token.ts';
import type { AccessPattern } from './access-patterns.ts';
import { integration, personalAccessToken } from './samples.ts';

const application = { id: '{app_id}', acceptedVersion: 1, rights: {} };
const ofToken = { tenant: '{tenant}', clientId: '{client_id}', tokenId: '{jti}', kid: '{kid}' };
/** Where it is decided what a client may have in the projects that it names. */
const whereProjectsAreNamed = [
  'auth/authorize',
  'auth/consent',
  'auth/device',
  'auth/device-authorization',
  'auth/introspect',
  'auth/par',
  'auth/token',
];
const whereTokensAreAccepted = ['auth/introspect', 'authorizer/rights-authorizer'];

/** What is read, and written, of a client that is, or names, something more, and of a token that is presented: whatever its kind, one read. */
export const presentedTokenPatterns: readonly AccessPattern[] = [
  {
    name: 'A client that names projects, and what it holds in these: they may be too many to be listed with it',
    usedBy: whereProjectsAreNamed,
    run: async (table) => {
      await clientReader(table).get('{tenant}', '{client_id}', ['{project}', '{other project}']);
    },
  },
  {
    name: 'A client that is a connection, and then its application',
    usedBy: [...whereProjectsAreNamed, 'auth/revoke'],
    holding: [integrationItem({ ...integration, clientId: '{client_id}', application })],
    run: async (table) => {
      await clientReader(table).get('{tenant}', '{client_id}');
    },
  },
  {
    name: "What a machine's token hangs on; its signing key where its state is older than a second",
    usedBy: [...whereTokensAreAccepted, 'auth/userinfo'],
    run: (table) => livenessReader(table).read(ofToken),
  },
  {
    name: 'The same at a route with a project: what the integration holds there, and whether there is such a project',
    usedBy: ['authorizer/rights-authorizer'],
    run: (table) => livenessReader(table).read({ ...ofToken, project: '{project}', projects: ['{project}'] }),
  },
  {
    name: 'The same of a token that names projects, where none is in question; that of a connection names its application',
    usedBy: [...whereTokensAreAccepted, 'auth/userinfo'],
    run: (table) =>
      livenessReader(table).read({
        ...ofToken,
        applicationId: application.id,
        projects: ['{project}', '{other project}'],
      }),
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
