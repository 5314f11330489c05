import type { SigningKey } from './signing-key.ts';

/** An API whose rights tokens carry; its base URL is its audience. */
export interface RegisteredApi {
  /** The name under which rights belong to it. */
  readonly name: string;
  readonly url: string;
}

/** What the deployment itself is made of: its signing keys and the APIs it serves. */
export interface Deployment {
  readonly keys: readonly SigningKey[];
  readonly apis: readonly RegisteredApi[];
}

export interface DeploymentReader {
  /**
   * The deployment as it was read, at most some minutes ago; one query brings all of it.
   *
   * @throws DependencyUnavailable
   */
  current(): Promise<Deployment>;
}
