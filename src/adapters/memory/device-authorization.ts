import type { DeviceAuthorization, DeviceAuthorizationStore } from '../../entities/device-authorization.ts';
import type { TokenFamilyStore } from '../../entities/token-family.ts';

/** Device authorizations kept for as long as the process runs; for tests and measurements. */
export function deviceAuthorizationsInMemory(families: TokenFamilyStore): DeviceAuthorizationStore {
  const kept = new Map<string, DeviceAuthorization>();
  const byUserCode = new Map<string, DeviceAuthorization>();
  const keyOf = ({ tenant, codeHash }: Pick<DeviceAuthorization, 'tenant' | 'codeHash'>) => `${tenant} ${codeHash}`;
  const undecided = (authorization: DeviceAuthorization) => {
    const found = kept.get(keyOf(authorization));
    return found?.verdict === undefined ? found : undefined;
  };
  return {
    async create(authorization, now) {
      const other = byUserCode.get(authorization.userCode);
      if (other !== undefined && Date.parse(other.expiresAt) >= now) return false;
      kept.set(keyOf(authorization), authorization);
      byUserCode.set(authorization.userCode, authorization);
      return true;
    },
    get: async (tenant, codeHash) => kept.get(keyOf({ tenant, codeHash })),
    async findByUserCode(userCode) {
      const found = byUserCode.get(userCode);
      return (
        found && {
          tenant: found.tenant,
          codeHash: found.codeHash,
          clientId: found.clientId,
          projects: found.projects,
          expiresAt: found.expiresAt,
        }
      );
    },
    async notePoll(before, polledAt, intervalSeconds) {
      const found = undecided(before);
      if (found === undefined || found.polledAt !== before.polledAt) return false;
      kept.set(keyOf(before), { ...found, polledAt, intervalSeconds });
      return true;
    },
    async decide(authorization, begins) {
      const found = undecided(authorization);
      if (found === undefined || byUserCode.get(found.userCode)?.codeHash !== found.codeHash) return false;
      kept.set(keyOf(found), { ...found, verdict: begins === undefined ? 'denied' : 'allowed', begins });
      byUserCode.delete(found.userCode);
      return true;
    },
    async redeem(authorization, family) {
      const found = kept.get(keyOf(authorization));
      if (found?.verdict !== 'allowed' || found.redeemed) return false;
      kept.set(keyOf(found), { ...found, redeemed: true });
      await families.create(family);
      return true;
    },
  };
}
