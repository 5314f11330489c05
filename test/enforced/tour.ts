import type { Outputs } from '../conformance/running-deployment.ts';
import { federationTour } from './federation.ts';
import { prepare, requestsOn } from './operations.ts';
import { operations, succeed } from './request.ts';
import { applicationTour } from './tour/applications.ts';
import { authorizationTour } from './tour/authorizations.ts';
import { clientTour } from './tour/clients.ts';
import { deviceTour } from './tour/devices.ts';
import { endpointTour } from './tour/endpoints.ts';
import { managementTour } from './tour/management.ts';
import { projectTokenTour } from './tour/project-tokens.ts';
import { refusalTour } from './tour/refusals.ts';
import { signInTour } from './tour/sign-in.ts';
import { tokenTour } from './tour/tokens.ts';
import { waitingRightsTour } from './tour/waiting-rights.ts';

/** Makes every operation do everything that it can come to do. */
export async function tour(outputs: Outputs): Promise<void> {
  const scene = await prepare(outputs);
  const requests = requestsOn(scene);
  for (const operation of operations) await succeed(outputs, operation, requests[operation]);
  await managementTour(scene);
  await clientTour(scene);
  await waitingRightsTour(scene);
  await applicationTour(scene);
  await endpointTour(scene);
  await federationTour(outputs, scene.admin, scene.federation);
  await signInTour(scene);
  await authorizationTour(scene);
  await deviceTour(scene);
  await tokenTour(scene);
  await projectTokenTour(scene);
  await refusalTour(scene);
}
