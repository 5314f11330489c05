import { tenantReader } from '../../src/adapters/dynamodb/tenant.ts';
import { tokenFamilies } from '../../src/adapters/dynamodb/token-family.ts';
import { holds, isRight, type RightName, rightOf } from '../../src/api/rights.ts';
import { Forbidden, InvalidInput, MissingRights } from '../../src/entities/errors.ts';
import type { Holdings } from '../../src/entities/holdings.ts';
import { newId } from '../../src/entities/identifiers.ts';
import { longestPersonalAccessTokenDays, type PersonalAccessToken } from '../../src/entities/personal-access-token.ts';
import { hashOf } from '../../src/entities/recognizable-secret.ts';
import type { FamilyUser, TokenFamily } from '../../src/entities/token-family.ts';
import type { AuthorizerContext } from '../../src/oauth/access-token/context.ts';
import { newPersonalAccessToken } from '../../src/oauth/personal-access-token.ts';
import { once } from '../../src/once.ts';
import { mustBeInCatalogue } from './named-rights.ts';
import { randomBytes } from './services.ts';
import { table } from './table.ts';

const families = once(() => tokenFamilies(table()));
const tenants = once(() => tenantReader(table()));

/** The grant that a personal access token is made under. */
export type MakingFamily = TokenFamily & { readonly user: FamilyUser };

/**
 * The token family of the token that presents itself: what is made with it hangs on the same user and consent.
 *
 * @throws Forbidden where the token acts for nobody, is a personal access token itself, or its family has ended
 */
export async function makingFamily({ kind, tenant, subject, familyId }: AuthorizerContext): Promise<MakingFamily> {
  if (kind !== 'access-token') throw new Forbidden('A personal access token does not create another.');
  const family = familyId === undefined ? undefined : await families().get(tenant, familyId);
  if (family?.user?.id !== subject || family.revokedAt !== undefined)
    throw new Forbidden('Only a token that acts for a user creates one of theirs.');
  return { ...family, user: family.user };
}

/**
 * The tenant's users may not have one for longer.
 *
 * @throws InvalidInput
 */
export async function mustBeWithinPolicy(tenant: string, expiresInSeconds: number): Promise<void> {
  const { policy } = (await tenants().get(tenant)) ?? {};
  const most = (policy?.personalAccessTokenMaximumDays ?? longestPersonalAccessTokenDays) * 86_400;
  if (expiresInSeconds > most)
    throw new InvalidInput([{ pointer: '/expires_in', detail: `must be at most ${most} here` }]);
}

/**
 * The rights asked for, each wherever the caller holds it: globally, or in the projects where it does.
 *
 * @throws InvalidInput for the operator's own rights elsewhere
 * @throws MissingRights naming those that it holds nowhere
 */
export function heldByCaller(caller: AuthorizerContext, wanted: readonly RightName[]): Holdings {
  mustBeInCatalogue(caller, wanted);
  const { rights, projectRights } = caller;
  const [global, others] = [
    wanted.filter((right) => holds(rights, right)),
    wanted.filter((right) => !holds(rights, right)),
  ];
  const byProject: Record<string, readonly string[]> = {};
  for (const [project, heldThere] of Object.entries(projectRights)) {
    const there = others.filter(
      (right) => isRight(right) && rightOf(right).level === 'project' && holds(heldThere, right),
    );
    if (there.length > 0) byProject[project] = there;
  }
  const found = new Set(Object.values(byProject).flat());
  const missing = others.filter((right) => !found.has(right));
  if (missing.length > 0) throw new MissingRights(missing);
  return { global, byProject };
}

/** A token that was just made, and what is kept of it. */
export interface NewPersonalAccessToken {
  readonly plaintext: string;
  readonly kept: PersonalAccessToken;
}

/** Makes one; `now` is in milliseconds since the epoch. */
export function makePersonalAccessToken(
  { tenant, clientId, operator, user }: MakingFamily,
  {
    name,
    rights,
    expiresInSeconds,
  }: { readonly name: string; readonly rights: Holdings; readonly expiresInSeconds: number },
  now: number,
): NewPersonalAccessToken {
  const plaintext = newPersonalAccessToken({ tenant, userId: user.id, clientId, randomBytes });
  return {
    plaintext,
    kept: {
      tenant,
      userId: user.id,
      id: newId('pat', randomBytes),
      hash: hashOf(plaintext),
      name,
      rights,
      clientId,
      consentId: user.consentId,
      operator,
      userGeneration: user.generation,
      lastFour: plaintext.slice(-4),
      createdAt: new Date(now).toISOString(),
      expiresAt: new Date(now + expiresInSeconds * 1000).toISOString(),
    },
  };
}
