import * as z from 'zod/mini';
import type { Application, PublishedApplication } from '../../entities/application.ts';
import { namesAskedFor } from '../../entities/asked-rights.ts';
import { approval, reasonsBody, status, versionBody, versionShown } from './application.ts';
import { pageOf } from './page.ts';

/** What waits for the platform operator, of whichever tenant. */
export const approvalAnswer = z.strictObject({
  app_id: z.string(),
  name: z.string(),
  publisher: z.strictObject({ tenant: z.string(), name: z.string() }),
  version: z.int(),
  status,
  approval,
  rights: z.array(z.string()),
});

export const approvalPage = pageOf(approvalAnswer);

/** The same with everything that tenants will be shown. */
export const approvalDetails = z.strictObject({
  ...approvalAnswer.shape,
  ...versionShown,
  rights: z.array(z.strictObject({ right: z.string(), reason: z.string() })),
});

/** What the platform operator is shown of an application. */
export function approvalBody(application: Application): z.output<typeof approvalAnswer> {
  const { id, name: called, tenant, publisher, version, status: stands, approval: approved } = application;
  return {
    ...{ app_id: id, name: called, publisher: { tenant, name: publisher }, version, status: stands },
    approval: approved,
    rights: namesAskedFor(application.rights),
  };
}

/** The same with everything that tenants will be shown. */
export function approvalDetailsBody({ application, version }: PublishedApplication): z.output<typeof approvalDetails> {
  return { ...approvalBody(application), ...versionBody(version), rights: reasonsBody(version) };
}
