import { call } from '../conformance/client.ts';
import type { Outputs } from '../conformance/running-deployment.ts';
import { authorize, createApp } from '../conformance/sign-in.ts';
import { newPerson, type Person } from './people.ts';
import type { Request } from './request.ts';

/** A user who signed in and let an app in. */
export interface SignedIn {
  readonly token: string;
  readonly userId: string;
  readonly clientId: string;
  readonly sessionId: string;
  /** Personal access tokens made through the app, by id. */
  readonly personal: readonly string[];
}

/** Everything that one request of each operation on what users let in needs to be there. */
export interface OwnAccess {
  /** Has more than one of everything, whichever of them end. */
  readonly user: SignedIn;
  readonly spare: {
    readonly toEnd: SignedIn;
    readonly toBeEnded: SignedIn;
    readonly toWithdraw: SignedIn;
    readonly toBeWithdrawn: SignedIn;
  };
}

const right = 'personal-access-tokens:manage';
const wanted = { name: 'Script', rights: [right], expires_in: 3600 };

/** Signs in with a browser of its own, through an app of its own, and makes so many personal access tokens. */
async function signIn(outputs: Outputs, admin: string, member: Person, count: number): Promise<SignedIn> {
  const { configuration, integration } = await createApp(outputs, admin, [right]);
  const { access_token: token } = await authorize(configuration, member, `openid ${right}`);
  const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
  const personal: string[] = [];
  for (let made = 0; made < count; made++) {
    const { body } = await call('POST', `${outputs.admin_url}/personal-access-tokens`, { token, body: wanted });
    personal.push(body.id);
  }
  return { token, userId: claims.sub, clientId: integration.client_id, sessionId: claims.sid, personal };
}

/** Makes them with the bootstrap administrator's token. */
export async function prepareOwnAccess(outputs: Outputs, admin: string): Promise<OwnAccess> {
  const member = await newPerson(outputs, admin);
  const other = await newPerson(outputs, admin);
  // One session and one consent more, so that lists go on after their first page.
  await signIn(outputs, admin, member, 0);
  return {
    user: await signIn(outputs, admin, member, 3),
    spare: {
      toEnd: await signIn(outputs, admin, member, 0),
      toBeEnded: await signIn(outputs, admin, other, 0),
      toWithdraw: await signIn(outputs, admin, other, 1),
      toBeWithdrawn: await signIn(outputs, admin, other, 1),
    },
  };
}

/** One request of every operation on what users let in, each of which succeeds once, in any order. */
export function ownAccessRequests({ user, spare }: OwnAccess, admin: string) {
  const { token, userId: user_id } = user;
  const [kept = '', toRevoke = '', toBeRevoked = ''] = user.personal;
  const query = 'limit=1';
  const { toEnd, toBeEnded, toWithdraw, toBeWithdrawn } = spare;
  return {
    listSessions: { token, query },
    endSession: { token: toEnd.token, path: { id: toEnd.sessionId } },
    listSessionsOfUser: { token: admin, path: { user_id }, query },
    endSessionOfUser: { token: admin, path: { user_id: toBeEnded.userId, id: toBeEnded.sessionId } },
    listConsents: { token, query },
    withdrawConsent: { token: toWithdraw.token, path: { client_id: toWithdraw.clientId } },
    listConsentsOfUser: { token: admin, path: { user_id }, query },
    withdrawConsentOfUser: { token: admin, path: { user_id: toBeWithdrawn.userId, client_id: toBeWithdrawn.clientId } },
    createPersonalAccessToken: { token, body: wanted },
    listPersonalAccessTokens: { token, query },
    getPersonalAccessToken: { token, path: { id: kept } },
    revokePersonalAccessToken: { token, path: { id: toRevoke } },
    listPersonalAccessTokensOfUser: { token: admin, path: { user_id }, query },
    revokePersonalAccessTokenOfUser: { token: admin, path: { user_id, id: toBeRevoked } },
  } satisfies Record<string, Request>;
}
