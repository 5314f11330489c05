import type { AuthorizationCode, AuthorizationCodeStore } from '../../entities/authorization-code.ts';
import type { TokenFamilyStore } from '../../entities/token-family.ts';

/** Authorization codes kept for as long as the process runs; for tests and measurements. */
export function authorizationCodesInMemory(families: TokenFamilyStore): AuthorizationCodeStore {
  const codes = new Map<string, AuthorizationCode>();
  const keyOf = ({ tenant, hash }: Pick<AuthorizationCode, 'tenant' | 'hash'>) => `${tenant} ${hash}`;
  return {
    async create(code) {
      codes.set(keyOf(code), code);
    },
    get: async (tenant, hash) => codes.get(keyOf({ tenant, hash })),
    async redeem(code, family) {
      const found = codes.get(keyOf(code));
      if (found === undefined || found.redeemed) return false;
      codes.set(keyOf(code), { ...found, redeemed: true });
      await families.create(family);
      return true;
    },
  };
}
