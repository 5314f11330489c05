import type { Integration } from '../../../entities/integration.ts';
import { InvalidRequest } from '../../errors.ts';
import type { Form } from '../../form.ts';
import { matchesRedirectUri } from '../../redirect-uri.ts';

/**
 * Where the answer goes: a URI that the client has registered, as the request gave it. It is always asked for, even
 * where only one is registered (OIDC Core §3.1.2.1).
 *
 * @throws InvalidRequest
 */
export function registeredRedirectUri(form: Form, { redirectUris, applicationType }: Integration): string {
  const given = form.get('redirect_uri');
  if (given === undefined) throw new InvalidRequest('no redirect_uri');
  if (!redirectUris.some((registered) => matchesRedirectUri(registered, given, applicationType)))
    throw new InvalidRequest('the redirect_uri is not registered');
  return given;
}
