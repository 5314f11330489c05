import { expect, it } from 'vitest';
import { networkOf } from '../../../src/authentication/address.ts';

it.each([
  ['203.0.113.7', '203.0.113.7'],
  ['2001:db8:0:7::1', '2001:db8:0:7::/64'],
  ['2001:DB8:0000:0007:ffff:0:0:1', '2001:db8:0:7::/64'],
  ['2001:db8::', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['1:2:3:4:5:6:7:8', '1:2:3:4::/64'],
  ['::ffff:203.0.113.7', '0:0:0:0:0:ffff:cb00:7107'],
  ['', ''],
  ['not:an:address', 'not:an:address'],
])('attempts from %s are counted under %s', (address, network) => {
  expect(networkOf(address)).toBe(network);
});
