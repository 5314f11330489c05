import { randomBytes } from 'node:crypto';
import { auditEventStore } from '../../src/adapters/dynamodb/audit-event.ts';
import { authorizationCodes } from '../../src/adapters/dynamodb/authorization-code.ts';
import { clientReader } from '../../src/adapters/dynamodb/client-reader.ts';
import { consents } from '../../src/adapters/dynamodb/consent.ts';
import { keptDeployment, signingKeyItem } from '../../src/adapters/dynamodb/deployment.ts';
import { interactions } from '../../src/adapters/dynamodb/interaction.ts';
import { projects } from '../../src/adapters/dynamodb/project.ts';
import { pushedRequestItem, pushedRequests } from '../../src/adapters/dynamodb/pushed-request.ts';
import { sessionKey, sessions } from '../../src/adapters/dynamodb/session.ts';
import { tenantKey } from '../../src/adapters/dynamodb/tenant.ts';
import { tokenFamilies } from '../../src/adapters/dynamodb/token-family.ts';
import { userItemKey } from '../../src/adapters/dynamodb/user.ts';
import { userCredentials } from '../../src/adapters/dynamodb/user-credentials-store.ts';
import type { AccessPattern } from './access-patterns.ts';
import {
  authorizationCode,
  consent,
  event,
  interaction,
  pushedRequest,
  session,
  signingKey,
  tokenFamily,
} from './samples.ts';

/** Where a request is decided on: everything of it that the decision needs is read there. */
const deciding = ['auth/authorize', 'auth/consent'];
const alsoForDevices = [...deciding, 'auth/device'];
/** Where a browser is in the middle of something. */
const interacting = [...alsoForDevices, 'auth/sign-in', 'auth/accounts', 'auth/upstream', 'auth/upstream-callback'];

/** How authorization requests, and what users agree to, are reached. */
export const authorizationPatterns: readonly AccessPattern[] = [
  {
    name: 'A client pushes its authorization request; forgotten once it has expired',
    usedBy: ['auth/par'],
    run: (table) => pushedRequests(table, randomBytes).create(pushedRequest),
  },
  {
    name: 'A browser brings a request that was pushed',
    usedBy: ['auth/authorize'],
    run: (table) => pushedRequests(table, randomBytes).get('{tenant}', '{request}'),
  },
  {
    name: 'It is used once',
    usedBy: ['auth/authorize'],
    holding: [pushedRequestItem(pushedRequest)],
    run: (table) => pushedRequests(table, randomBytes).useOnce(pushedRequest),
  },
  {
    name: 'The client of a request, and the states of the active keys where they are older than a second',
    usedBy: deciding,
    holding: [signingKeyItem(signingKey)],
    run: async (table) => {
      let now = 0;
      const deployment = keptDeployment(table, { now: () => (now += 2000) });
      await deployment.current();
      await clientReader(table, deployment).get('{tenant}', '{client_id}');
    },
  },
  {
    name: 'The tenant, and who is signed in there with the browser',
    usedBy: [...interacting, 'auth/account', 'auth/linked-accounts', 'auth/logout'],
    run: (table) =>
      table.batchGet([
        tenantKey('{tenant}'),
        sessionKey('{tenant}', '{user_id}', '{session_id}'),
        userItemKey('{tenant}', '{user_id}'),
      ]),
  },
  {
    name: 'What the user agreed to, for one client',
    usedBy: alsoForDevices,
    run: (table) => consents(table).get('{tenant}', '{user_id}', '{client_id}'),
  },
  {
    name: 'Whether the user has a second factor, where the tenant requires one',
    usedBy: alsoForDevices,
    run: (table) => userCredentials(table).get('{tenant}', '{user_id}'),
  },
  {
    name: 'What a browser is in the middle of begins; forgotten after half an hour',
    usedBy: ['auth/authorize', 'auth/account', 'auth/linked-accounts', 'auth/device'],
    run: (table) => interactions(table).create(interaction),
  },
  {
    name: 'What a browser is in the middle of',
    usedBy: interacting,
    run: (table) => interactions(table).get('{tenant}', '{interaction}'),
  },
  {
    name: 'What was reached in it',
    usedBy: interacting,
    run: (table) => interactions(table).update(interaction, { consentedAt: '{time}' }),
  },
  {
    name: 'It is over: the client was answered',
    usedBy: alsoForDevices,
    run: (table) => interactions(table).delete(interaction),
  },
  {
    name: 'The projects that a token carries, of which some may be gone',
    usedBy: ['auth/introspect'],
    run: (table) => projects(table).getMany('{tenant}', ['{project}']),
  },
  {
    name: 'The projects that the user is asked about',
    usedBy: ['auth/consent', 'auth/device'],
    run: (table) => projects(table).getMany('{tenant}', ['{project}']),
  },
  {
    name: 'The user agrees, on the condition that nobody did meanwhile',
    usedBy: ['auth/consent', 'auth/device'],
    run: (table) => consents(table).put(consent, consent, event),
  },
  {
    name: 'The session notes that a client was given something in it',
    usedBy: ['auth/authorize', 'auth/device'],
    run: (table) => sessions(table).noteClient(session, '{client_id}'),
  },
  {
    name: 'An authorization code',
    usedBy: ['auth/authorize'],
    run: (table) => authorizationCodes(table).create(authorizationCode),
  },
  {
    name: 'The family of tokens that are handed out in a URL, where the stage names the implicit flow',
    usedBy: ['auth/authorize'],
    run: (table) => tokenFamilies(table).create(tokenFamily),
  },
  {
    name: 'The warning in the audit log that goes with it',
    usedBy: ['auth/authorize'],
    run: (table) => auditEventStore(table).append(event),
  },
];
