import type { TokenFamily, TokenFamilyStore } from '../../entities/token-family.ts';

/** Token families kept for as long as the process runs; for tests and measurements. */
export function tokenFamiliesInMemory(): TokenFamilyStore {
  const families = new Map<string, TokenFamily>();
  const keyOf = (tenant: string, id: string) => `${tenant} ${id}`;
  return {
    get: async (tenant, id) => families.get(keyOf(tenant, id)),
    async create(family) {
      families.set(keyOf(family.tenant, family.id), family);
    },
    async rotate(family, refresh) {
      const key = keyOf(family.tenant, family.id);
      const found = families.get(key);
      if (found?.revokedAt !== undefined || found?.refresh?.rotations !== family.refresh?.rotations)
        return { rotated: false, family: found };
      families.set(key, { ...family, refresh });
      return { rotated: true };
    },
    async revoke(tenant, id, revokedAt) {
      const found = families.get(keyOf(tenant, id));
      if (found !== undefined) families.set(keyOf(tenant, id), { revokedAt, ...found });
    },
  };
}
