import type { Telling } from './standing.ts';

/** When integrations may be told of what concerns themselves, also those that are gone. */
export interface Tellings {
  /** @param application the id of the one that the integration is a connection to; undefined: of none */
  of(tenant: string, application: string | undefined): Promise<Telling>;
}
