import { environment } from '../../src/environment.ts';
import type { AuthorizationSettings } from '../../src/oauth/authorization/request.ts';
import { once } from '../../src/once.ts';
import { serverSettings } from './server-settings.ts';
import { variable } from './services.ts';

/** What the stage decides about authorization requests. */
export const authorizationSettings = /* @__PURE__ */ once(
  (): AuthorizationSettings => ({
    ...serverSettings(),
    tokenLifetimeSeconds: Number(variable(environment.tokenLifetimeSeconds)),
    refreshTokenLifetimeSeconds: Number(variable(environment.refreshTokenLifetimeSeconds)),
  }),
);
