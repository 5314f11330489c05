import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import * as z from 'zod/mini';
import { WorkloadFailure } from '../../src/deployment/admin-api.ts';
import {
  changeAppIntegration,
  createAppIntegration,
  deleteAppIntegration,
} from '../../src/deployment/app-integration.ts';
import { customResource } from '../shared/custom-resource.ts';
import { onceAllowed } from '../shared/once-allowed.ts';
import { workload } from '../shared/workload.ts';

/** What the construct `AppIntegration` declares. */
const declared = z.object({
  name: z.string(),
  description: z.optional(z.string()),
  rights: z.array(z.string()),
  grant_types: z.array(z.string()),
  redirect_uris: z.array(z.string()),
});

/** The integration's client id is its physical id: another one, and CloudFormation deletes the former. */
export const handler = customResource({
  handle: (event) =>
    onceAllowed(async () => {
      const physicalId = await applied(event);
      return { physicalId, data: { ClientId: physicalId } };
    }),
  reason: (error) =>
    error instanceof WorkloadFailure ? error.message : error instanceof Error ? error.name : 'unknown',
});

async function applied(event: CloudFormationCustomResourceEvent): Promise<string> {
  const integration = declared.parse(event.ResourceProperties.Integration);
  const by = { stackId: event.StackId, logicalId: event.LogicalResourceId };
  switch (event.RequestType) {
    case 'Create':
      return createAppIntegration(workload(), integration, by);
    case 'Update':
      return changeAppIntegration(workload(), event.PhysicalResourceId, integration, by);
    case 'Delete':
      await deleteAppIntegration(workload(), event.PhysicalResourceId, integration.name, by);
      return event.PhysicalResourceId;
  }
}
