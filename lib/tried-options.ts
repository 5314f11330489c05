import type { LegacyGrant, Stage } from './stage.ts';

/**
 * Options that a local run takes from its environment, to try them without a change of code:
 * `LATCHKEY_LEGACY_GRANTS=password,implicit` and `LATCHKEY_DPOP=on`. What is not set is left to the stage, and what is not
 * acceptable is refused by it.
 */
export function triedOptions({
  LATCHKEY_LEGACY_GRANTS: legacyGrants,
  LATCHKEY_DPOP: dpop,
}: Readonly<Record<string, string | undefined>>): Partial<Stage> {
  return {
    ...(legacyGrants !== undefined && { legacyGrants: legacyGrants.split(',').filter(Boolean) as LegacyGrant[] }),
    ...(dpop !== undefined && { dpop: dpop === 'on' }),
  };
}
