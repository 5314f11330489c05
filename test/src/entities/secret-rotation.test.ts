import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Conflict, NotFound } from '../../../src/entities/errors.ts';
import type { ClientSecret, Integration } from '../../../src/entities/integration.ts';
import { isLive, withoutSpent, withSecretAdded, withSecretRevoked } from '../../../src/entities/secret-rotation.ts';

const now = Date.parse('2026-11-21T10:00:00.000Z');
const day = 86_400;
const inSeconds = (seconds: number) => new Date(now + seconds * 1000).toISOString();
const secret = (id: string, expiresIn?: number): ClientSecret => ({
  id,
  hash: 'hash',
  lastFour: 'abcd',
  createdAt: inSeconds(-day),
  ...(expiresIn !== undefined && { expiresAt: inSeconds(expiresIn), warnAt: [] }),
});
const having = (...secrets: ClientSecret[]) =>
  ({ tokenEndpointAuthMethod: 'client_secret_basic', secrets }) as unknown as Integration;
const ids = ({ secrets }: Pick<Integration, 'secrets'>) => secrets.map(({ id }) => id);

describe('a secret', () => {
  it('is live until it runs out, and not in that moment', () => {
    expect([isLive(secret('a'), now), isLive(secret('a', 1), now), isLive(secret('a', 0), now)]).toEqual([
      true,
      true,
      false,
    ]);
  });

  it('that ran out is kept while a token of its may be alive', () => {
    const all = [secret('a', -day), secret('b', -day + 1), secret('c', -1), secret('d', 1), secret('e')];
    expect(ids({ secrets: withoutSpent(all, now) })).toEqual(['b', 'c', 'd', 'e']);
  });
});

describe('adding a secret', () => {
  const added = (before: Integration, expireOthersIn?: number) =>
    withSecretAdded(before, secret('new'), expireOthersIn, now);

  it('leaves the others as they are, unless told', () => {
    expect(added(having(secret('a'))).secrets).toEqual([secret('a'), secret('new')]);
    expect(added(having(secret('a')), 60).secrets).toEqual([secret('a', 60), secret('new')]);
    expect(added(having(secret('a', 30)), 60).secrets).toEqual([secret('a', 30), secret('new')]);
    expect(added(having(secret('a'), secret('b')), 0).secrets).toEqual([secret('new')]);
  });

  it('never makes a third live one, nor lets a secret live longer', () => {
    const expiry = fc.option(fc.integer({ min: -2 * day, max: 30 * day }), { nil: undefined });
    const overlap = fc.option(fc.nat({ max: 30 * day }), { nil: undefined });
    fc.assert(
      fc.property(fc.array(expiry, { maxLength: 5 }), overlap, (expiries, expireOthersIn) => {
        const before = having(...expiries.map((seconds, index) => secret(`s${index}`, seconds)));
        let after: Integration;
        try {
          after = added(before, expireOthersIn);
        } catch (error) {
          expect(error).toBeInstanceOf(Conflict);
          return;
        }
        expect(after.secrets.filter((one) => isLive(one, now)).length).toBeLessThanOrEqual(2);
        for (const { id, expiresAt } of after.secrets) {
          const was = before.secrets.find((one) => one.id === id)?.expiresAt;
          if (was !== undefined) expect(expiresAt !== undefined && expiresAt <= was).toBe(true);
        }
      }),
    );
  });

  it('is refused where ten are kept already, until one is revoked', () => {
    const many = Array.from({ length: 10 }, (_, index) => secret(`s${index}`, -1));
    expect(() => added(having(...many))).toThrow(Conflict);
    expect(added(withSecretRevoked(having(...many), 's0')).secrets).toHaveLength(10);
    expect(added(having(...many), 0).secrets).toHaveLength(1);
  });
});

describe('revoking a secret', () => {
  it('takes out that one', () => {
    expect(ids(withSecretRevoked(having(secret('a'), secret('b')), 'a'))).toEqual(['b']);
    expect(() => withSecretRevoked(having(secret('a')), 'b')).toThrow(NotFound);
  });
});
