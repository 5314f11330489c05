import { environment } from '../../src/environment.ts';
import type { AuthorizationSettings } from '../../src/oauth/authorization/request.ts';
import { serverSettings } from './server-settings.ts';
import { once, variable } from './services.ts';

/** What the stage decides about authorization requests. */
export const authorizationSettings = /* @__PURE__ */ once(
  (): AuthorizationSettings => ({
    ...serverSettings(),
    tokenLifetimeSeconds: Number(variable(environment.tokenLifetimeSeconds)),
    refreshTokenLifetimeSeconds: Number(variable(environment.refreshTokenLifetimeSeconds)),
  }),
);
