import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchesArnComponents, matchesResourceArn, matchesText, patternParts } from '../../../local/iam/patterns.ts';

// The oracle: the documented rules written down as regular expressions.
const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');

function glob(pattern: string, any: string): string {
  return [...pattern].map((c) => (c === '*' ? `${any}*` : c === '?' ? any : escaped(c))).join('');
}

function resourceOracle(pattern: string, arn: string): boolean {
  const [a = '', b, c, d, e, ...rest] = pattern.split(':');
  const early = [a, b, c, d, e].filter((segment) => segment !== undefined);
  const segments = early.map((segment, index) => {
    const runsOn = segment.endsWith('*') && index < 5;
    return runsOn ? `${glob(segment.slice(0, -1), '[^:]')}[^]*` : glob(segment, '[^:]');
  });
  const last = rest.length === 0 ? [] : [glob(rest.join(':'), '[^]')];
  return new RegExp(`^${[...segments, ...last].join(':')}$`).test(arn);
}

function componentOracle(pattern: string, arn: string): boolean {
  const six = /^([^:]*):([^:]*):([^:]*):([^:]*):([^:]*):(.*)$/s;
  const [expected, actual] = [six.exec(pattern), six.exec(arn)];
  return (
    expected !== null &&
    actual !== null &&
    expected.slice(1).every((part, index) => new RegExp(`^${glob(part, '[^]')}$`).test(actual[index + 1] ?? ''))
  );
}

const text = fc.string({ unit: fc.constantFrom('a', 'b', ':', '/'), maxLength: 12 });
const pattern = fc.string({ unit: fc.constantFrom('a', 'b', ':', '/', '*', '?'), maxLength: 10 });
const part = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 3 });
const arn = fc
  .tuple(part, part, part, part, part, fc.string({ unit: fc.constantFrom('a', 'b', ':', '/'), maxLength: 6 }))
  .map((parts) => parts.join(':'));

/** The ARN with some stretches replaced by wildcards, so that many patterns nearly match. */
const arnWithPattern = arn.chain((value) =>
  fc
    .array(fc.tuple(fc.nat(value.length), fc.nat(3), fc.constantFrom('*', '?', '', 'a')), { maxLength: 4 })
    .map((cuts) => [
      value,
      cuts.reduce((changed, [at, length, put]) => changed.slice(0, at) + put + changed.slice(at + length), value),
    ]),
);

describe('a wildcard pattern', () => {
  it('matches exactly what its regular expression matches', () => {
    fc.assert(
      fc.property(pattern, text, (p, t) => {
        expect(matchesText(patternParts(p), t)).toBe(new RegExp(`^${glob(p, '[^]')}$`).test(t));
      }),
      { numRuns: 2000 },
    );
  });

  it('decides quickly however many stars it has', () => {
    const start = Date.now();
    expect(matchesText(patternParts('*a'.repeat(40)), `${'a'.repeat(200)}b`)).toBe(false);
    expect(Date.now() - start).toBeLessThan(200);
  });

  it('takes text put in for a variable literally', () => {
    expect(matchesText(['a', { literal: '*' }], 'a*')).toBe(true);
    expect(matchesText(['a', { literal: '*' }], 'ab')).toBe(false);
  });
});

describe('a resource pattern', () => {
  it('matches ARNs by the documented rules of segments', () => {
    fc.assert(
      fc.property(fc.oneof(arnWithPattern, fc.tuple(arn, pattern)), ([value, p]) => {
        expect(matchesResourceArn(patternParts(p ?? ''), value ?? '')).toBe(resourceOracle(p ?? '', value ?? ''));
      }),
      { numRuns: 3000 },
    );
  });

  it.each([
    ['arn:aws:dynamodb:*:1:table/t', 'arn:aws:dynamodb:eu-central-1:1:table/t', true],
    ['arn:aws:dynamodb:eu-*-1:1:table/t', 'arn:aws:dynamodb:eu-central-1:1:table/t', true],
    ['arn:aws:dynamodb:*-1:1:table/t', 'arn:aws:dynamodb:eu-1:2-1:1:table/t', false],
    ['arn:aws:dynamodb:*', 'arn:aws:dynamodb:eu-central-1:1:table/t', true],
    ['arn:aws:logs:r:1:log-group:/aws/*:*', 'arn:aws:logs:r:1:log-group:/aws/lambda/x:log-stream:y', true],
    ['arn:aws:dynamodb:r:1:table/t', 'arn:aws:dynamodb:r:1:table/t/index/i', false],
    ['arn:aws:dynamodb:r:1:table/t/index/*', 'arn:aws:dynamodb:r:1:table/t/index/i', true],
    ['arn:aws:dynamodb:r:1:table/?', 'arn:aws:dynamodb:r:1:table/', false],
    ['arn:aws:dynamodb:r:1:table/T', 'arn:aws:dynamodb:r:1:table/t', false],
  ])('%s on %s: %s', (p, value, expected) => {
    expect(matchesResourceArn(patternParts(p), value)).toBe(expected);
  });
});

describe('an ArnLike pattern', () => {
  it('matches component by component', () => {
    fc.assert(
      fc.property(fc.oneof(arnWithPattern, fc.tuple(arn, pattern)), ([value, p]) => {
        expect(matchesArnComponents(patternParts(p ?? ''), value ?? '')).toBe(componentOracle(p ?? '', value ?? ''));
      }),
      { numRuns: 3000 },
    );
  });

  it('never lets a star run into the next component', () => {
    expect(matchesArnComponents(patternParts('arn:aws:*'), 'arn:aws:kms:r:1:key/k')).toBe(false);
    expect(matchesArnComponents(patternParts('arn:aws:*:*:*:*'), 'arn:aws:kms:r:1:key/k')).toBe(true);
  });
});
