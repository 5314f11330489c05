import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BodyTooLarge, InvalidRequest } from '../../../src/oauth/errors.ts';
import { type FormRequest, formUrlDecode, parseForm } from '../../../src/oauth/form.ts';

const request = (body: string | null, changes: Partial<FormRequest> = {}): FormRequest => ({
  contentType: 'application/x-www-form-urlencoded',
  body,
  isBase64Encoded: false,
  ...changes,
});
const base64 = (bytes: Uint8Array | string) => ({
  body: Buffer.from(bytes).toString('base64'),
  isBase64Encoded: true,
});

describe('a form', () => {
  it('gives back what any client encoded', () => {
    const parameter = fc.tuple(fc.string({ minLength: 1, unit: 'grapheme' }), fc.string({ unit: 'grapheme' }));
    const parameters = fc
      .uniqueArray(parameter, { selector: ([name]) => name })
      .filter((pairs) => !pairs.flat().some((text) => text.includes('\uFFFD')));
    fc.assert(
      fc.property(parameters, fc.boolean(), (pairs, encoded) => {
        const body = new URLSearchParams(pairs).toString();
        const form = parseForm(request(body, encoded ? base64(body) : {}));
        for (const [name, value] of pairs) expect(form.get(name)).toBe(value === '' ? undefined : value);
      }),
    );
  });

  it.each([
    'application/x-www-form-urlencoded',
    'Application/X-WWW-Form-Urlencoded; charset=UTF-8',
    'application/x-www-form-urlencoded;charset="utf-8"',
  ])('may be sent as %s', (contentType) => {
    expect(parseForm(request('a=1', { contentType })).get('a')).toBe('1');
  });

  it.each([
    undefined,
    '',
    'application/json',
    'multipart/form-data',
    'application/x-www-form-urlencoded; charset=latin1',
    'application/x-www-form-urlencoded, application/json',
  ])('sent as %s is refused', (contentType) => {
    expect(() => parseForm(request('a=1', { contentType }))).toThrow(InvalidRequest);
  });

  it('without a body has no parameters', () => {
    expect(parseForm(request(null)).get('a')).toBeUndefined();
  });

  it('counts a parameter without a value as absent', () => {
    const form = parseForm(request('a=&b&c=1&resource='));
    expect([form.get('a'), form.get('b'), form.get('c'), form.all('resource')]).toEqual([
      undefined,
      undefined,
      '1',
      [],
    ]);
  });

  it.each(['scope=a&scope=b', 'scope=a&scope=a', 'scope=&scope=a', 'scope=a&s%63ope=b', 'x&x'])(
    'that repeats a parameter is refused: %s',
    (body) => {
      expect(() => parseForm(request(body))).toThrow(InvalidRequest);
    },
  );

  it('may repeat resource', () => {
    expect(parseForm(request('resource=a&resource=b')).all('resource')).toEqual(['a', 'b']);
  });

  it.each(['a=%ff', 'a=%c3%28', 'a=%ed%a0%80', 'a=%', 'a=%zz', '%ff=a', 'a=\uFFFD'])(
    'that is not UTF-8 is refused: %s',
    (body) => {
      expect(() => parseForm(request(body))).toThrow(InvalidRequest);
    },
  );

  it('narrowed to some parameters gives no other', () => {
    const form = parseForm(request('scope=a&client_secret=s&resource=x&resource=y')).only([
      'scope',
      'resource',
      'state',
    ]);
    expect(form.get('scope')).toBe('a');
    expect(form.all('resource')).toEqual(['x', 'y']);
    expect(form.get('state')).toBeUndefined();
    expect(form.get('client_secret')).toBeUndefined();
  });

  it('sent as bytes that are not UTF-8 is refused', () => {
    expect(() => parseForm(request('', base64(Buffer.from([0x61, 0x3d, 0xff]))))).toThrow(InvalidRequest);
    expect(parseForm(request('', base64(Buffer.from('a=ü')))).get('a')).toBe('ü');
  });

  it('of 65,536 bytes is read, and of one more refused', () => {
    const body = (bytes: number) => `a=${'x'.repeat(bytes - 2)}`;
    for (const encode of [(text: string) => request(text), (text: string) => request('', base64(text))]) {
      expect(parseForm(encode(body(65_536))).get('a')).toHaveLength(65_534);
      expect(() => parseForm(encode(body(65_537)))).toThrow(BodyTooLarge);
    }
    expect(() => parseForm(request(`a=${'ü'.repeat(32_768)}`))).toThrow(BodyTooLarge);
  });
});

describe('form-url-decoding', () => {
  it('undoes the encoding of any text, and breaks on nothing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(formUrlDecode(new URLSearchParams([['', text]]).toString().slice(1))).toBe(text);
        expect(() => formUrlDecode(text)).not.toThrow();
      }),
    );
  });
});
