import { clientAssertions } from '../../src/adapters/dynamodb/client-assertion.ts';
import { clientReader } from '../../src/adapters/dynamodb/client-reader.ts';
import { keptDeployment } from '../../src/adapters/dynamodb/deployment.ts';
import type { AuthenticationPorts } from '../../src/oauth/client-authentication/method.ts';
import { once } from '../../src/once.ts';
import { refusalLog } from './refusal-log.ts';
import { clock, randomBytes } from './services.ts';
import { table } from './table.ts';

/** The deployment's rows; read along with clients. */
export const deployment = /* @__PURE__ */ once(() => keptDeployment(table(), clock));

/** What clients are authenticated with. */
export const authentication = /* @__PURE__ */ once(
  (): AuthenticationPorts => ({
    clock,
    integrations: clientReader(table(), deployment()),
    assertions: clientAssertions(table(), randomBytes),
    refusals: refusalLog,
  }),
);
