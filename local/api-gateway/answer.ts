import type { HeaderPair } from './http-headers.ts';

/** What goes back to the client. */
export interface Answer {
  readonly status: number;
  readonly headers: readonly HeaderPair[];
  readonly body: Buffer | string;
}
