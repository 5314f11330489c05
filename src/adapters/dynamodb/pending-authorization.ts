import type { RequestedRight } from '../../entities/integration.ts';
import { pendingAmong } from '../../entities/project-rights.ts';
import type { Action, Key } from './commands.ts';
import { partitionKey } from './table.ts';

/** One context of one integration: the global one where no project is named. */
export interface PendingContext {
  readonly tenant: string;
  readonly clientId: string;
  readonly project?: string | undefined;
}

/** Where it stands that something waits for a decision: context by context, so that one context is one range. */
export function pendingAuthorizationKey({ tenant, clientId, project }: PendingContext): Key {
  const context = project === undefined ? 'GLOBAL' : `PROJECT#${project}`;
  return { pk: partitionKey('pending-authorization', tenant), sk: `${context}#${clientId}` };
}

type Rights = Readonly<Record<string, RequestedRight>>;

/** Keeps the line of what waits in one context in step with the rights there. */
export function pendingAuthorizationActions(context: PendingContext, before: Rights, after: Rights): Action[] {
  const [waited, waits] = [pendingAmong(before), pendingAmong(after)];
  const key = pendingAuthorizationKey(context);
  if (waits.length === 0) return waited.length === 0 ? [] : [{ delete: key }];
  const line = (names: readonly string[], rights: Rights) => JSON.stringify(names.map((name) => [name, rights[name]]));
  if (line(waited, before) === line(waits, after)) return [];
  return [{ put: { ...key, ...context, rights: Object.fromEntries(waits.map((name) => [name, after[name]])) } }];
}
