import type { ClientAuthenticationMethod } from './method.ts';

/** What stands in the place of a credential's id where a client has none. */
export const publicClientCredential = 'none';

/**
 * A public client: it says who it is and proves nothing (RFC 6749 §2.1). What it redeems is bound to it in other ways:
 * to a redirect URI and PKCE, and to a key where it has one. Registered for every other client, it opens nothing.
 */
export const none: ClientAuthenticationMethod = {
  name: 'none',
  registeredAs: 'none',
  present({ http, form }) {
    const others = [form.get('client_secret'), form.get('client_assertion'), form.get('client_assertion_type')];
    if (http.authorization !== undefined || others.some((value) => value !== undefined)) return undefined;
    const unverifiedClientId = form.get('client_id');
    if (unverifiedClientId === undefined) return undefined;
    return { unverifiedClientId, prove: async (integration) => integration && publicClientCredential };
  },
};
