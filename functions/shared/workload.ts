import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { adminApi, authenticates } from '../../src/adapters/http/admin-api.ts';
import { secretVersions } from '../../src/adapters/secrets-manager/secret-versions.ts';
import { ManagerRefused } from '../../src/deployment/admin-api.ts';
import type { AppIntegrationPorts } from '../../src/deployment/app-integration.ts';
import type { RotationPorts } from '../../src/deployment/credential-rotation.ts';
import { parseCredentials } from '../../src/deployment/workload-credentials.ts';
import { environment } from '../../src/environment.ts';
import { once } from '../../src/once.ts';
import { clientOptions, variable } from './services.ts';

const secretsManager = once(() => new SecretsManagerClient(clientOptions));

/** What looks after a workload's integration: made anew for each event, so that the manager may be rotated too. */
export function workload(): AppIntegrationPorts & RotationPorts {
  const tokenEndpoint = `${variable(environment.issuer)}/oauth2/token`;
  return {
    tokenEndpoint,
    overlapSeconds: Number(variable(environment.overlapSeconds)),
    versions: secretVersions(secretsManager(), variable(environment.credentialsSecretArn)),
    api: adminApi({ tokenEndpoint, adminUrl: variable(environment.adminUrl), manager }),
    authenticates: (credentials) => authenticates(tokenEndpoint, credentials),
  };
}

async function manager() {
  const text = await secretVersions(secretsManager(), variable(environment.managerSecretArn)).read('AWSCURRENT');
  if (text === undefined) throw new ManagerRefused("the manager's secret has no value");
  return parseCredentials(text);
}
