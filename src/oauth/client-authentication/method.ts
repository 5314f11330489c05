import type { ClientAssertionStore } from '../../entities/client-assertion.ts';
import type { Integration, IntegrationReader, TokenEndpointAuthMethod } from '../../entities/integration.ts';
import type { RefusalLog } from '../../entities/refusal-log.ts';
import type { Clock } from '../../ports.ts';
import type { Form, ProtocolRequest } from '../form.ts';

/** What a client is authenticated with. */
export interface AuthenticationPorts {
  readonly clock: Clock;
  readonly integrations: IntegrationReader;
  readonly assertions: ClientAssertionStore;
  readonly refusals: RefusalLog;
}

/** Where a client authenticates; what an assertion must name as its audience. */
export interface ProtectedEndpoint {
  readonly issuer: string;
  /** The endpoint's own URL. */
  readonly url: string;
}

/** One request, its form read. */
export interface AuthenticationRequest {
  readonly http: ProtocolRequest;
  readonly form: Form;
  readonly endpoint: ProtectedEndpoint;
  /** Keys of projects in which it matters what the client holds. */
  readonly projects?: readonly string[] | undefined;
}

/** Credentials as they were presented: whose they claim to be, and how to find out. */
export interface PresentedCredentials {
  /** What the client calls itself; undefined where the credentials cannot be read. */
  readonly unverifiedClientId: string | undefined;
  /**
   * Does the same work whether or not there is such a client.
   *
   * @param integration undefined for one unknown or not allowed in: the answer is then undefined
   * @returns the id of the credential that proves the client, or undefined
   */
  prove(integration: Integration | undefined, ports: AuthenticationPorts): Promise<string | undefined>;
}

/** A way for a client to authenticate (RFC 6749 §2.3). */
export interface ClientAuthenticationMethod {
  /** As the metadata names it (RFC 8414 §2). */
  readonly name: string;
  /** The registered method that admits it: registering `client_secret_basic` admits both ways to send a secret. */
  readonly registeredAs: TokenEndpointAuthMethod;
  /** The algorithms of its assertions, where it has any. */
  readonly signingAlgorithms?: readonly string[];
  /**
   * The credentials that the request carries in this way, or undefined where it carries none.
   *
   * @throws InvalidRequest where they are incomplete
   */
  present(request: AuthenticationRequest): PresentedCredentials | undefined;
}
