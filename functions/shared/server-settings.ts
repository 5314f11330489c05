import { environment } from '../../src/environment.ts';
import type { ServerSettings } from '../../src/oauth/metadata.ts';
import { once } from '../../src/once.ts';
import { optionalVariable, variable } from './services.ts';

/** What the stage chose about the protocol. */
export const serverSettings = /* @__PURE__ */ once(
  (): ServerSettings => ({
    issuer: variable(environment.issuer),
    legacyGrants: optionalVariable(environment.legacyGrants)?.split(',') ?? [],
    dpop: optionalVariable(environment.dpop) === 'on',
  }),
);
