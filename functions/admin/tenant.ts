import { hash } from 'node:crypto';
import type * as z from 'zod/mini';
import { tenants } from '../../src/adapters/dynamodb/tenant.ts';
import { tenantBody, type tenantChange } from '../../src/api/schemas/tenant.ts';
import { auditEvent, differences } from '../../src/entities/audit-event.ts';
import { NotFound } from '../../src/entities/errors.ts';
import type { Tenant } from '../../src/entities/tenant.ts';
import type { AuthorizerContext } from '../../src/oauth/access-token/context.ts';
import { once } from '../../src/once.ts';
import { decideAgain } from '../shared/decide-again.ts';
import { endpoint } from '../shared/endpoint.ts';
import { clock, randomBytes } from '../shared/services.ts';
import { table } from '../shared/table.ts';
import { mustBeAdministrator } from '../shared/user-change.ts';

const store = once(() => tenants(table()));

async function existing({ tenant }: AuthorizerContext): Promise<Tenant> {
  const found = await store().get(tenant);
  if (found === undefined) throw new NotFound();
  return found;
}

/** The tenant after a change; null takes away, what is absent stays. */
function changed(before: Tenant, { name, branding, policy }: z.output<typeof tenantChange>): Tenant {
  const given = <T>(value: T | null | undefined, present: T | undefined) =>
    value === undefined ? present : (value ?? undefined);
  return {
    ...before,
    name: name ?? before.name,
    branding: {
      logo: given(branding?.logo, before.branding?.logo),
      colour: given(branding?.colour, before.branding?.colour),
    },
    policy: {
      secondFactorRequired: policy?.second_factor_required ?? before.policy?.secondFactorRequired,
      personalAccessTokenMaximumDays:
        policy?.personal_access_token_maximum_days ?? before.policy?.personalAccessTokenMaximumDays,
    },
  };
}

/** What the audit log is told of: of a logo its hash, not its bytes. */
const toldOf = ({ name, branding, policy }: Tenant) => ({
  name,
  logo: branding?.logo && hash('sha256', JSON.stringify(branding.logo)),
  colour: branding?.colour,
  second_factor_required: policy?.secondFactorRequired,
  personal_access_token_maximum_days: policy?.personalAccessTokenMaximumDays,
});

export const handler = endpoint({
  getTenant: async ({ caller }) => ({ body: tenantBody(await existing(caller)) }),

  changeTenant: ({ caller, body, origin }) =>
    decideAgain(async () => {
      const before = await existing(caller);
      mustBeAdministrator(caller);
      const after = changed(before, body);
      const changes = differences(toldOf(before), toldOf(after));
      const change = { tenant: before.tenant, action: 'tenant.changed', object: before.tenant, changes };
      if (Object.keys(changes).length > 0)
        await store().update(before, after, auditEvent(change, origin, clock.now(), randomBytes));
      return { body: tenantBody(after) };
    }),
});
