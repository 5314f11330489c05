import type { ClientAssertionStore } from '../../entities/client-assertion.ts';

/** Client assertions kept for as long as the process runs; for tests and measurements. */
export function clientAssertionsInMemory(): ClientAssertionStore {
  const used = new Set<string>();
  return {
    async useOnce({ tenant, clientId, jti }) {
      const key = JSON.stringify([tenant, clientId, jti]);
      if (used.has(key)) return false;
      used.add(key);
      return true;
    },
  };
}
