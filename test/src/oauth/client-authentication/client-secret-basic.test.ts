import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseBasic } from '../../../../src/oauth/client-authentication/client-secret-basic.ts';
import { basicOf } from '../authorization-server.ts';

const encode = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

describe('Basic credentials', () => {
  it('come back as any client encoded them (RFC 6749 §2.3.1)', () => {
    const text = fc.string({ unit: 'grapheme' });
    fc.assert(
      fc.property(text, text, (clientId, secret) => {
        expect(parseBasic(basicOf(clientId, secret))).toEqual({ clientId, secret });
      }),
    );
  });

  it('are read or refused, whatever the header holds', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.base64String(), fc.string().map(encode)), (header) => {
        for (const text of [header, `Basic ${header}`]) expect(() => parseBasic(text)).not.toThrow();
      }),
    );
  });

  it('may be written in any case of the scheme, and the secret may hold a colon', () => {
    expect(parseBasic(encode('int_1:a:b').replace('Basic', 'bAsIc'))).toEqual({ clientId: 'int_1', secret: 'a:b' });
  });

  it.each([
    ['another scheme', 'Bearer aW50XzE6YQ=='],
    ['no scheme', 'aW50XzE6YQ=='],
    ['nothing', 'Basic '],
    ['no base64', 'Basic int_1:a'],
    ['two credentials', `${encode('int_1:a')}, ${encode('int_2:a')}`],
    ['no colon', encode('int_1')],
    ['a broken percent-encoding', encode('int_1:%zz')],
    ['a percent-encoding that is not UTF-8', encode('int_1:%ff')],
    ['bytes that are not UTF-8', `Basic ${Buffer.from([0x61, 0x3a, 0xff]).toString('base64')}`],
  ])('with %s are none', (_, header) => {
    expect(parseBasic(header)).toBeUndefined();
  });
});
