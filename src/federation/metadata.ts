import {
  type AuthorizationServer,
  allowInsecureRequests,
  customFetch,
  discoveryRequest,
  processDiscoveryResponse,
} from 'oauth4webapi';
import { FetchFailed } from '../entities/fetch-failed.ts';
import type { GuardedFetch } from '../ports.ts';
import type { Refused } from './refusal.ts';

/** How providers are reached. */
export interface Outside {
  readonly fetch: GuardedFetch;
  /** What speaks against a URL, as the words of a fault; undefined where nothing does. */
  readonly faultOfTarget: (url: string) => string | undefined;
}

/** What a provider says of itself, with every member that signing in needs. */
export interface ProviderMetadata extends AuthorizationServer {
  readonly authorization_endpoint: string;
  readonly token_endpoint: string;
  readonly jwks_uri: string;
}

/** A provider that nobody can sign in with; the message is public, and follows the provider's name in a sentence. */
export class ProviderUnusable extends Error {
  override readonly name = 'ProviderUnusable';
}

/** How we authenticate there: the first of these that it takes (OIDC Core §9). */
const clientAuthentication = ['client_secret_basic', 'client_secret_post'] as const;

/**
 * Every request to a provider: through the guarded client, which decides itself where plain http may be spoken, and
 * within a time that leaves the function its own.
 */
export function requestOptions({ fetch }: Outside, signal?: AbortSignal) {
  return { [customFetch]: fetch, [allowInsecureRequests]: true, ...(signal && { signal }) } as const;
}

/**
 * Reads a provider's metadata (OIDC Discovery §4).
 *
 * @throws ProviderUnusable where it cannot be read, is another issuer's, or lacks what signing in needs
 */
export async function providerMetadata(
  issuer: string,
  outside: Outside,
  signal?: AbortSignal,
): Promise<ProviderMetadata> {
  const metadata = await discovered(issuer, outside, signal);
  // The library compares URLs, which may be written in several ways; an issuer is compared as it is written.
  if (metadata.issuer !== issuer) throw new ProviderUnusable('calls itself by another issuer identifier');
  const needed = ['authorization_endpoint', 'token_endpoint', 'jwks_uri'] as const;
  const fetched = [...needed, ...(metadata.userinfo_endpoint === undefined ? [] : (['userinfo_endpoint'] as const))];
  for (const member of fetched) {
    const url = metadata[member];
    if (typeof url !== 'string') throw new ProviderUnusable(`names no ${member}`);
    const fault = outside.faultOfTarget(url);
    if (fault !== undefined) throw new ProviderUnusable(`names a ${member} that ${fault}`);
  }
  if (metadata.response_types_supported?.includes('code') === false)
    throw new ProviderUnusable('does not offer response_type code');
  if (authenticationAt(metadata) === undefined)
    throw new ProviderUnusable(`takes neither of ${clientAuthentication.join(' and ')}`);
  return metadata as ProviderMetadata;
}

/** As {@link providerMetadata}, for somebody who signs in there: what is wrong with it is not for them to know. */
export async function reachableMetadata(
  issuer: string,
  outside: Outside,
  signal?: AbortSignal,
): Promise<ProviderMetadata | Refused> {
  try {
    return await providerMetadata(issuer, outside, signal);
  } catch (error) {
    if (error instanceof ProviderUnusable) return { refused: 'unavailable', reason: error.message };
    throw error;
  }
}

/** Absent metadata means `client_secret_basic` (OIDC Discovery §3). */
export function authenticationAt(metadata: AuthorizationServer): (typeof clientAuthentication)[number] | undefined {
  const taken = metadata.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
  return clientAuthentication.find((method) => taken.includes(method));
}

async function discovered(issuer: string, outside: Outside, signal?: AbortSignal): Promise<AuthorizationServer> {
  const url = new URL(issuer);
  try {
    return await processDiscoveryResponse(url, await discoveryRequest(url, requestOptions(outside, signal)));
  } catch (error) {
    const reason = error instanceof FetchFailed ? error.message : 'its metadata are not those of this issuer';
    throw new ProviderUnusable(`cannot be used: ${reason}`, { cause: error });
  }
}
