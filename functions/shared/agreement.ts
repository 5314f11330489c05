import { projects } from '../../src/adapters/dynamodb/project.ts';
import { auditEvent } from '../../src/entities/audit-event.ts';
import type { Consent } from '../../src/entities/consent.ts';
import type { Integration } from '../../src/entities/integration.ts';
import { hashOf } from '../../src/entities/recognizable-secret.ts';
import type { Session } from '../../src/entities/session.ts';
import type { User } from '../../src/entities/user.ts';
import type { RightsInQuestion } from '../../src/oauth/authorization/request.ts';
import { widened } from '../../src/oauth/consent.ts';
import type { Agreement } from '../../src/pages/agreement.ts';
import { consentStore } from './authorization.ts';
import { decideAgain } from './decide-again.ts';
import type { Ongoing } from './interaction.ts';
import { basePath, formTarget, type PageRequest } from './page-endpoint.ts';
import { clock, randomBytes } from './services.ts';
import { table } from './table.ts';

/** What a user is asked to agree to. */
export interface Question {
  readonly user: User;
  readonly session: Session;
  readonly given: RightsInQuestion;
}

/** What is asked, in a form's field: an answer counts for what was shown, and not for what came to be asked since. */
const digestOf = ({ scopes, rights }: RightsInQuestion) => hashOf(JSON.stringify([scopes, rights]));

/** What a user is told whose answer was to something else than is asked by now. */
export const askedAnew = 'What the application may have has changed. Please look at it again.';

/** Whether a form says yes to exactly what is asked. */
export function agrees({ form }: Pick<PageRequest, 'form'>, { given }: Question): boolean {
  return form.get('decision') === 'allow' && form.get('asked') === digestOf(given);
}

/**
 * What a page shows that asks the question.
 *
 * @param path of the page, where its form goes too
 */
export async function agreementOf(
  call: PageRequest,
  path: '/consent' | '/device',
  { interaction, brand, tenant }: Ongoing,
  application: Integration,
  { user, given }: Question,
  problem: string | undefined,
): Promise<Agreement> {
  const { action, hidden } = formTarget(call, path, interaction.id);
  return {
    brand,
    target: { action, hidden: { ...hidden, asked: digestOf(given) } },
    user,
    application,
    scopes: given.scopes,
    rights: given.rights,
    projects: await projects(table()).getMany(tenant.tenant, Object.keys(given.rights.byProject)),
    otherAccount: `${basePath()}/accounts?interaction=${interaction.id}`,
    problem,
  };
}

/** Remembers that the user agreed, beside what they agreed to before. */
export function remember(
  { originOf }: Pick<PageRequest, 'originOf'>,
  { tenant, clientId }: Integration,
  { user, session, given }: Question,
): Promise<Consent> {
  const { scopes, rights } = given;
  const agreement = { tenant, clientId, userId: user.id, scopes, rights };
  const change = { tenant, action: 'consent.given', object: user.id, changes: { client_id: clientId, scopes, rights } };
  return decideAgain(async () => {
    const before = await consentStore().get(tenant, user.id, clientId);
    const event = auditEvent(change, originOf(user.id, session.id), clock.now(), randomBytes);
    const after = widened(before, agreement, clock.now(), randomBytes);
    await consentStore().put(before, after, event);
    return after;
  });
}
