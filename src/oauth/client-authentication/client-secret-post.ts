import { presentedSecret } from './client-secret.ts';
import type { ClientAuthenticationMethod } from './method.ts';

/** Client id and secret in the body (RFC 6749 §2.3.1). */
export const clientSecretPost: ClientAuthenticationMethod = {
  name: 'client_secret_post',
  registeredAs: 'client_secret_basic',
  present({ form }) {
    const secret = form.get('client_secret');
    return secret === undefined ? undefined : presentedSecret(form.get('client_id'), secret);
  },
};
