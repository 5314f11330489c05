import type { Deployment, DeploymentReader } from '../../entities/deployment.ts';

/** A deployment that is what it is given; for tests and measurements. */
export function deploymentInMemory(deployment: Deployment): DeploymentReader {
  return { current: async () => deployment };
}
