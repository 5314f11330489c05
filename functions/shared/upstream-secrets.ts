import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { upstreamSecretStore, upstreamSecrets } from '../../src/adapters/secrets-manager/upstream-secrets.ts';
import { environment } from '../../src/environment.ts';
import { once } from '../../src/once.ts';
import { clientOptions, variable } from './services.ts';

const client = /* @__PURE__ */ once(() => new SecretsManagerClient(clientOptions));
const prefix = () => variable(environment.upstreamSecretPrefix);

/** Reads our client secrets at identity providers. */
export const readableUpstreamSecrets = /* @__PURE__ */ once(() => upstreamSecrets(client(), prefix()));

/** Makes, replaces and deletes them. */
export const keptUpstreamSecrets = /* @__PURE__ */ once(() =>
  upstreamSecretStore(client(), prefix(), variable(environment.secretKeyArn)),
);
