import type { CloudFormationCustomResourceEvent, CloudFormationCustomResourceResponse } from 'aws-lambda';
import { logger } from './logger.ts';

/** What a custom resource does at each event; what it throws makes the deployment fail. */
export interface CustomResource {
  /** Does what the event says, and answers the id: another one at an Update, and the former is deleted afterwards. */
  readonly handle: (event: CloudFormationCustomResourceEvent) => Promise<{
    readonly physicalId: string;
    /** Attributes that the template may read; never a secret. */
    readonly data?: Readonly<Record<string, string>>;
  }>;
  /** What may be shown of an error; it stands in the stack's events, so that no secret may be in it. */
  readonly reason: (error: unknown) => string;
}

/** Tries of sending the answer: without one CloudFormation waits until the resource's timeout. */
const tries = 3;

/**
 * A Lambda handler that CloudFormation calls itself. A Create that fails is answered under an id of its own, and is
 * followed by a Delete of that id.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-responses.html
 */
export function customResource({ handle, reason }: CustomResource) {
  return async (event: CloudFormationCustomResourceEvent): Promise<void> => {
    const { StackId, RequestId, LogicalResourceId } = event;
    await send(event.ResponseURL, { StackId, RequestId, LogicalResourceId, ...(await outcomeOf(event)) });
  };

  async function outcomeOf(event: CloudFormationCustomResourceEvent): Promise<Outcome> {
    try {
      const { physicalId, data } = await handle(event);
      return { Status: 'SUCCESS', PhysicalResourceId: physicalId, ...(data && { Data: data }) };
    } catch (error) {
      const Reason = reason(error);
      logger.error('deployment event failed', { requestType: event.RequestType, reason: Reason });
      const PhysicalResourceId =
        event.RequestType === 'Create' ? `failed-${event.RequestId}` : event.PhysicalResourceId;
      return { Status: 'FAILED', PhysicalResourceId, Reason };
    }
  }
}

type Outcome =
  | {
      readonly Status: 'SUCCESS';
      readonly PhysicalResourceId: string;
      readonly Data?: Readonly<Record<string, string>>;
    }
  | { readonly Status: 'FAILED'; readonly PhysicalResourceId: string; readonly Reason: string };

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
