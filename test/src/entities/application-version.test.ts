import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maximumChangedTenants, type OfferedTo } from '../../../src/entities/application.ts';
import { nextOffer, tenantsAdded } from '../../../src/entities/application-version.ts';

const named = fc.uniqueArray(fc.nat({ max: 700 }).map(String), { maxLength: 500 });
const offer: fc.Arbitrary<OfferedTo> = fc.oneof({ weight: 4, arbitrary: named }, fc.constant('all' as const));

describe('another offer', () => {
  it('is come to in steps that a transaction holds; nobody is added while somebody is still to be taken away', () => {
    fc.assert(
      fc.property(offer, offer, (before, wanted) => {
        let at = before;
        for (let steps = 0; at !== wanted; steps++) {
          expect(steps).toBeLessThan(15);
          const next = nextOffer(at, wanted);
          const [added, gone] = [tenantsAdded(at, next), tenantsAdded(next, at)];
          expect(added.length + gone.length).toBeLessThanOrEqual(maximumChangedTenants);
          if (added.length > 0 || next === 'all') expect(tenantsAdded(wanted, next)).toEqual([]);
          expect(tenantsAdded(wanted, tenantsAdded(at, next))).toEqual([]);
          expect(gone.filter((tenant) => wanted.includes(tenant))).toEqual([]);
          at = next;
        }
      }),
    );
  });
});
