import type { Item } from '../src/adapters/dynamodb/commands.ts';
import { tenantStandingItem } from '../src/adapters/dynamodb/tenant.ts';

/** The row that lets a tenant's tokens live; nothing of a tenant without it counts. */
export const activeTenant = (tenant: string, operator = false): Item =>
  tenantStandingItem({ tenant, status: 'active', operator });
