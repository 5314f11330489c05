import { auditEventStore } from '../../src/adapters/dynamodb/audit-event.ts';
import { federatedIdentities } from '../../src/adapters/dynamodb/federated-identity.ts';
import { tenantReader } from '../../src/adapters/dynamodb/tenant.ts';
import { signInByPasswordAlone } from '../../src/authentication/password-alone.ts';
import type { PasswordPorts } from '../../src/oauth/grants/grant.ts';
import { once } from '../../src/once.ts';
import { refusalLog } from './refusal-log.ts';
import { signInPorts } from './sign-in.ts';
import { table } from './table.ts';

/** What the legacy grant `password` works with. */
export const passwordPorts = /* @__PURE__ */ once((): PasswordPorts => {
  const ports = {
    ...signInPorts(),
    tenants: tenantReader(table()),
    federatedIdentities: federatedIdentities(table()),
  };
  return {
    check: (attempt) => signInByPasswordAlone(ports, attempt),
    auditEvents: auditEventStore(table()),
    refusals: refusalLog,
  };
});
