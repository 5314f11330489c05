import { formUrlDecode } from '../form.ts';
import { presentedSecret } from './client-secret.ts';
import type { ClientAuthenticationMethod } from './method.ts';

/** HTTP Basic with both parts form-url-encoded first (RFC 6749 §2.3.1). */
export const clientSecretBasic: ClientAuthenticationMethod = {
  name: 'client_secret_basic',
  registeredAs: 'client_secret_basic',
  present({ http }) {
    if (http.authorization === undefined) return undefined;
    const credentials = parseBasic(http.authorization);
    return presentedSecret(credentials?.clientId, credentials?.secret ?? '');
  },
};

const basic = /^Basic +([0-9A-Za-z+/]+={0,2})[\t ]*$/i;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * The credentials of an `Authorization: Basic` header (RFC 7617 §2), or undefined where it is none: another scheme, no
 * base64, no UTF-8, no colon, or a broken percent-encoding.
 */
export function parseBasic(authorization: string): { clientId: string; secret: string } | undefined {
  const encoded = basic.exec(authorization)?.[1];
  if (encoded === undefined) return undefined;
  let text: string;
  try {
    text = utf8.decode(Buffer.from(encoded, 'base64'));
  } catch {
    return undefined;
  }
  const colon = text.indexOf(':');
  if (colon === -1) return undefined;
  const clientId = formUrlDecode(text.slice(0, colon));
  const secret = formUrlDecode(text.slice(colon + 1));
  return clientId === undefined || secret === undefined ? undefined : { clientId, secret };
}
