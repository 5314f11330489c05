import { auditEvent } from '../../src/entities/audit-event.ts';
import type { Consent } from '../../src/entities/consent.ts';
import type { Integration } from '../../src/entities/integration.ts';
import { hashOf } from '../../src/entities/recognizable-secret.ts';
import type { User } from '../../src/entities/user.ts';
import type { RightsInQuestion } from '../../src/oauth/authorization/request.ts';
import { widened } from '../../src/oauth/consent.ts';
import { consentStore } from './authorization.ts';
import { decideAgain } from './decide-again.ts';
import type { PageRequest } from './page-endpoint.ts';
import { clock, randomBytes } from './services.ts';

/** What a user is asked to agree to. */
export interface Question {
  readonly user: User;
  readonly given: RightsInQuestion;
}

/** What is asked, in a form's field: an answer counts for what was shown, and not for what came to be asked since. */
export const digestOf = ({ scopes, rights }: RightsInQuestion) => hashOf(JSON.stringify([scopes, rights]));

/** Remembers that the user agreed, beside what they agreed to before. */
export function remember(
  { requestId }: Pick<PageRequest, 'requestId'>,
  { tenant, clientId }: Integration,
  { user, given }: Question,
): Promise<Consent> {
  const { scopes, rights } = given;
  const agreement = { tenant, clientId, userId: user.id, scopes, rights };
  const change = { tenant, action: 'consent.given', object: user.id, changes: { client_id: clientId, scopes, rights } };
  return decideAgain(async () => {
    const before = await consentStore().get(tenant, user.id, clientId);
    const event = auditEvent(change, { actor: user.id, requestId }, clock.now(), randomBytes);
    const after = widened(before, agreement, clock.now(), randomBytes);
    await consentStore().put(before, after, event);
    return after;
  });
}
