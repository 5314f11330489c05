import { ConcurrentChange } from '../../entities/errors.ts';
import type { SigningKeyReader } from '../../entities/signing-key.ts';
import type { KeyChange } from '../../entities/signing-key-life.ts';
import { keyChangeAction } from './bootstrap.ts';
import { ConditionFailed, type Table } from './commands.ts';
import { signingKeys } from './deployment.ts';

/** Moves signing keys from state to state. */
export interface KeyRotation extends SigningKeyReader {
  /** One step, whole or not at all; false where somebody else moved one of its keys meanwhile. */
  take(step: readonly KeyChange[]): Promise<boolean>;
}

export function keyRotation(table: Table): KeyRotation {
  return {
    ...signingKeys(table),
    async take(step) {
      try {
        await table.transact(step.map(keyChangeAction));
        return true;
      } catch (error) {
        if (error instanceof ConditionFailed || error instanceof ConcurrentChange) return false;
        throw error;
      }
    },
  };
}
