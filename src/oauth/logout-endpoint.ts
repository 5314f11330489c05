import { tenantOfClientId } from '../entities/identifiers.ts';
import type { Integration, IntegrationReader } from '../entities/integration.ts';
import type { Session } from '../entities/session.ts';
import type { SigningKeyReader } from '../entities/signing-key.ts';
import { canComeBack } from './authorization/checks/lengths.ts';
import { InvalidRequest } from './errors.ts';
import type { Form } from './form.ts';
import { type IdTokenHint, verifiedIdTokenHint } from './id-token-hint.ts';

/** The parameters of a logout request (OIDC RP-Initiated Logout 1.0 §2) that mean something here. */
export const logoutParameters = ['id_token_hint', 'client_id', 'post_logout_redirect_uri', 'state'] as const;

/** A logout request that may be acted on. */
export interface LogoutRequest {
  /** The client's: no other tenant's session is concerned. Undefined where no client is named. */
  readonly tenant: string | undefined;
  /** Absent where it is gone by now. */
  readonly client: Integration | undefined;
  readonly hint: IdTokenHint | undefined;
  /** One of the client's own post-logout redirect URIs, with the request's `state`. */
  readonly returnTo: string | undefined;
}

/** What logout requests are checked against. */
export interface LogoutPorts {
  readonly integrations: IntegrationReader;
  readonly keys: SigningKeyReader;
}

/**
 * Checks a logout request (OIDC RP-Initiated Logout 1.0 §2 and §3): the hint is an ID token of ours, however old;
 * `client_id` agrees with it; the redirect URI is registered, to the letter. Where one of it does not hold, the browser is
 * sent nowhere.
 *
 * @throws InvalidRequest to be shown to the user
 * @throws DependencyUnavailable
 */
export async function checkedLogoutRequest(form: Form, issuer: string, ports: LogoutPorts): Promise<LogoutRequest> {
  const hint = await hintOf(form, issuer, ports);
  const clientId = clientIdOf(form, hint);
  if (clientId === undefined) {
    if (form.get('post_logout_redirect_uri') !== undefined) throw new InvalidRequest('a redirect URI of no client');
    return { tenant: undefined, client: undefined, hint, returnTo: undefined };
  }
  const tenant = tenantOfClientId(clientId);
  if (tenant === undefined) throw new InvalidRequest('no client id');
  const client = await ports.integrations.get(tenant, clientId);
  // Who holds an ID token may sign out, whatever became of its client.
  if (client === undefined && hint === undefined) throw new InvalidRequest('unknown client');
  return { tenant, client, hint, returnTo: destinationOf(form, client) };
}

async function hintOf(form: Form, issuer: string, { keys }: LogoutPorts): Promise<IdTokenHint | undefined> {
  const idToken = form.get('id_token_hint');
  if (idToken === undefined) return undefined;
  const hint = await verifiedIdTokenHint(idToken, issuer, await keys.list());
  if (hint === undefined) throw new InvalidRequest('the hint is no ID token of this server');
  return hint;
}

function clientIdOf(form: Form, hint: IdTokenHint | undefined): string | undefined {
  const named = form.get('client_id');
  if (hint === undefined) return named;
  if (named !== undefined && !hint.clientIds.includes(named)) throw new InvalidRequest("another client's hint");
  return named ?? hint.clientIds[0];
}

/** Where the browser goes afterwards; `state` goes with it, to the letter. */
function destinationOf(form: Form, client: Integration | undefined): string | undefined {
  const uri = form.get('post_logout_redirect_uri');
  if (uri === undefined) return undefined;
  if (client?.status !== 'active' || !client.postLogoutRedirectUris.includes(uri))
    throw new InvalidRequest('not a registered post-logout redirect URI');
  const state = form.get('state');
  if (state === undefined) return uri;
  if (!canComeBack(state)) throw new InvalidRequest('state too long');
  return `${uri}${uri.includes('?') ? '&' : '?'}${new URLSearchParams({ state })}`;
}

/**
 * Whether the hint names this very session: then the client has shown that it is the user's own, and the user need not be
 * asked. Any other request may come from anybody who made a link (OIDC RP-Initiated Logout 1.0 §6).
 */
export function namesSession(hint: IdTokenHint | undefined, session: Pick<Session, 'id' | 'userId'>): boolean {
  return hint?.sessionId === session.id && hint.userId === session.userId;
}
