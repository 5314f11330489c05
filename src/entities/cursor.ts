import { createHmac, timingSafeEqual } from 'node:crypto';
import { InvalidInput } from './errors.ts';

/**
 * A cursor says where the next page of a list begins. It is authenticated, so that nobody can begin where no page of
 * theirs ended, and bound to tenant, route and filters, so that one of another list is refused. What it holds is not
 * hidden: it comes from the page that was just answered.
 */

/** The list that a cursor belongs to. */
export interface CursorScope {
  readonly tenant: string;
  /** The name of the operation whose pages these are. */
  readonly route: string;
  /** The filters of the list; absent members count as not there. */
  readonly filters?: Readonly<Record<string, string | undefined>>;
}

/** Reads the deployment's key for cursors: 32 random bytes. */
export interface CursorKeyReader {
  /** @throws DependencyUnavailable */
  get(): Promise<Uint8Array>;
}

const macLength = 32;
/** The longest position is a sort key (1,024 bytes). */
const maximumLength = 2048;

/** HMAC-SHA256 over scope and position; JSON keeps their parts apart. */
function macOf(key: Uint8Array, scope: CursorScope, position: string): Buffer {
  const filters = Object.entries(scope.filters ?? {})
    .filter(([, value]) => value !== undefined)
    .sort(([one], [other]) => (one < other ? -1 : 1));
  return createHmac('sha256', key)
    .update(JSON.stringify([scope.tenant, scope.route, filters, position]))
    .digest();
}

/** The cursor of a position, of `A-Za-z0-9_-`. */
export function sealCursor(key: Uint8Array, scope: CursorScope, position: string): string {
  return Buffer.concat([macOf(key, scope, position), Buffer.from(position)]).toString('base64url');
}

/**
 * The position that was sealed.
 *
 * @throws InvalidInput where the cursor was not sealed with this key for this scope
 */
export function openCursor(key: Uint8Array, scope: CursorScope, cursor: string): string {
  const bytes = Buffer.from(cursor.slice(0, maximumLength), 'base64url');
  const position = bytes.subarray(macLength).toString();
  const mac = macOf(key, scope, position);
  const given = bytes.subarray(0, macLength);
  // The decoder passes over what is no base64url and over loose bits at the end: only the one spelling is accepted.
  const genuine = given.length === macLength && timingSafeEqual(given, mac) && bytes.toString('base64url') === cursor;
  if (!genuine) throw new InvalidInput([{ pointer: 'cursor', detail: 'is not a cursor of this list' }]);
  return position;
}
