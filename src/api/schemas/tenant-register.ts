import * as z from 'zod/mini';
import { deletionSteps } from '../../entities/tenant-deletion.ts';
import type { RegisteredTenant, TenantSummary } from '../../entities/tenant-register.ts';
import { line } from './line.ts';
import { must } from './messages.ts';
import { pageOf } from './page.ts';

/** A tenant's id. */
export const tenantId = z.string().check(z.regex(/^ten_[0-9A-Za-z]{16}$/));

/** What a tenant is created with. Names tell people which is which; only ids are unique. */
export const tenantCreation = z.strictObject({ name: line }, { error: must('an object') });

/** What the operator may change of a tenant; absent members stay as they are. */
export const tenantStatusChange = z.strictObject(
  { name: z.optional(line), status: z.optional(z.enum(['active', 'suspended'], 'must be active or suspended')) },
  { error: must('an object') },
);

const timestamp = z.string().check(z.meta({ format: 'date-time' }));

const summary = {
  tenant: z.string(),
  name: z.string(),
  status: z.enum(['active', 'suspended', 'deleting']),
  /** Absent of a tenant from before this was kept. */
  created_at: z.optional(timestamp),
};

/** What a list shows of a tenant. */
export const tenantSummaryAnswer = z.strictObject(summary);

export const tenantPage = pageOf(tenantSummaryAnswer);

/** A tenant as the operator sees it. */
export const registeredTenantAnswer = z.strictObject({
  ...summary,
  /** Only while it is being deleted. */
  deletion: z.optional(
    z.strictObject({
      step: z.enum(deletionSteps),
      /** Rows that are gone so far. */
      removed: z.int(),
      started_at: timestamp,
    }),
  ),
});

const administrator = { client_id: z.string(), client_secret: z.string() };

/** An administrator's credentials, shown this once. */
export const administratorAnswer = z.strictObject(administrator);

export const createdTenantAnswer = z.extend(registeredTenantAnswer, { admin: z.strictObject(administrator) });

export function tenantSummaryBody({
  tenant,
  name,
  status,
  createdAt,
}: TenantSummary): z.output<typeof tenantSummaryAnswer> {
  return { tenant, name, status, ...(createdAt !== undefined && { created_at: createdAt }) };
}

export function registeredTenantBody({
  tenant,
  standing,
  deletion,
}: RegisteredTenant): z.output<typeof registeredTenantAnswer> {
  return {
    ...tenantSummaryBody({ ...tenant, status: standing.status }),
    ...(deletion && {
      deletion: { step: deletion.step, removed: deletion.removed, started_at: deletion.startedAt },
    }),
  };
}
