import type { AuthorizationCode } from '../../entities/authorization-code.ts';
import { hashOf } from '../../entities/recognizable-secret.ts';
import type { TokenFamily } from '../../entities/token-family.ts';
import { InvalidGrant, InvalidRequest } from '../errors.ts';
import { provesChallenge } from '../pkce.ts';
import { beginFamily } from './begin-family.ts';
import type { Grant, GrantRequest } from './grant.ts';
import { endReplayed } from './replay.ts';

/**
 * A user agreed, and the client brings the code that says so (RFC 6749 §4.1.3). Whatever does not fit leaves the code as
 * it was, so that nobody but its client can waste it; its second use ends what the first one began (RFC 9700 §4.5).
 */
export const authorizationCode: Grant = {
  grantType: 'authorization_code',
  parameters: ['code', 'redirect_uri', 'code_verifier', 'resource', 'authorization_details'],
  async exchange(request) {
    const code = await fittingCode(request);
    if (code.redeemed) throw await ended(request, code, 'code used before');
    if (request.ports.clock.now() >= Date.parse(code.expiresAt)) throw new InvalidGrant('code expired');
    return beginFamily(request, code.family, (family) => spend(request, code, family));
  },
};

/** The code, if the request brings all that it is bound to: client, redirect URI and verifier. */
async function fittingCode({ client, form, ports }: GrantRequest): Promise<AuthorizationCode> {
  const presented = form.get('code');
  if (presented === undefined) throw new InvalidRequest('no code');
  const { tenant, clientId } = client.integration;
  const code = await ports.codes.get(tenant, hashOf(presented));
  if (code === undefined) throw new InvalidGrant('unknown code');
  if (code.clientId !== clientId) throw new InvalidGrant("another client's code");
  if (code.redirectUri !== form.get('redirect_uri')) throw new InvalidGrant('not the redirect URI of the request');
  if (!provesChallenge(form.get('code_verifier'), code.codeChallenge)) throw new InvalidGrant('code verifier');
  return code;
}

/** Spends the code with everything signed already, so that a failure before costs nothing. */
async function spend(request: GrantRequest, code: AuthorizationCode, family: TokenFamily): Promise<void> {
  if (!(await request.ports.codes.redeem(code, family))) throw await ended(request, code, 'code used at the same time');
}

/** RFC 6749 §4.1.2: what a code that comes twice has given is taken back. */
async function ended(request: GrantRequest, { family }: AuthorizationCode, why: string) {
  await endReplayed(request, family, 'authorization_code');
  return new InvalidGrant(why);
}
