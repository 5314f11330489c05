import type { CloudFormationCustomResourceEvent, CloudFormationCustomResourceResponse } from 'aws-lambda';
import { logger } from './logger.ts';

/** What a custom resource does at each event; what it throws makes the deployment fail. */
export interface CustomResource {
  /** Never changes, so that CloudFormation replaces nothing. */
  readonly physicalId: string;
  /** At Create and at Update alike. */
  readonly deploy: (event: CloudFormationCustomResourceEvent) => Promise<void>;
  /** What may be shown of an error; it stands in the stack's events, so that no secret may be in it. */
  readonly reason: (error: unknown) => string;
}

/** Tries of sending the answer: without one CloudFormation waits until the resource's timeout. */
const tries = 3;

/**
 * A Lambda handler that CloudFormation calls itself. Delete does nothing: what was made is data.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-responses.html
 */
export function customResource({ physicalId, deploy, reason }: CustomResource) {
  return async (event: CloudFormationCustomResourceEvent): Promise<void> => {
    const answer = {
      PhysicalResourceId: physicalId,
      StackId: event.StackId,
      RequestId: event.RequestId,
      LogicalResourceId: event.LogicalResourceId,
    };
    try {
      if (event.RequestType !== 'Delete') await deploy(event);
    } catch (error) {
      logger.error('deployment event failed', { requestType: event.RequestType, reason: reason(error) });
      return send(event.ResponseURL, { ...answer, Status: 'FAILED', Reason: reason(error) });
    }
    await send(event.ResponseURL, { ...answer, Status: 'SUCCESS' });
  };
}

async function send(url: string, answer: CloudFormationCustomResourceResponse): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      // The URL is signed for a request without a content type.
      const { ok, status } = await fetch(url, {
        method: 'PUT',
        headers: { 'content-type': '' },
        body: JSON.stringify(answer),
        signal: AbortSignal.timeout(5000),
      });
      if (ok) return;
      throw new Error(`CloudFormation answered ${status}`);
    } catch (error) {
      if (attempt === tries) throw error;
    }
  }
}
