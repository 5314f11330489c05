import { describe, expect, it } from 'vitest';
import type { SigningAlgorithm, SigningKey, SigningKeyState } from '../../../src/entities/signing-key.ts';
import { type DeclaredKey, dueSteps, registration } from '../../../src/entities/signing-key-life.ts';

const now = Date.parse('2026-11-21T10:00:00.000Z');
const at = new Date(now).toISOString();
const maxAge = 300;
const day = 86_400;

const declare = (name: string, algorithm: SigningAlgorithm = 'RS256', state?: 'revoked'): DeclaredKey => ({
  name,
  algorithm,
  keyArn: `arn:${name}`,
  state,
});
const row = (
  name: string,
  state: SigningKeyState,
  secondsAgo = 0,
  algorithm: SigningAlgorithm = 'RS256',
): SigningKey => ({
  kid: `kid-${name}`,
  name,
  algorithm,
  keyArn: `arn:${name}`,
  publicJwk: {},
  state,
  since: new Date(now - secondsAgo * 1000).toISOString(),
});
const told = (changes: readonly { before?: SigningKey; after: SigningKey }[]) =>
  changes.map(({ before, after }) => `${after.name}: ${before?.state ?? 'none'} → ${after.state}`);

describe('registration', () => {
  const registered = (declared: DeclaredKey[], rows: SigningKey[], algorithm: SigningAlgorithm = 'RS256') => {
    const material = new Map(declared.map(({ name, keyArn }) => [keyArn, { kid: `kid-${name}`, publicJwk: {} }]));
    return told(registration(declared, rows, material, algorithm, at));
  };

  it('of the first keys has the first of the signing algorithm sign, and publishes the others', () => {
    const declared = [declare('e', 'ES256'), declare('a'), declare('b')];
    expect(registered(declared, [])).toEqual(['e: none → next', 'a: none → active', 'b: none → next']);
  });

  it('of the first keys has one of RS256 sign besides, for ID tokens', () => {
    const declared = [declare('e', 'ES256'), declare('a'), declare('b')];
    expect(registered(declared, [], 'ES256')).toEqual(['e: none → active', 'a: none → active', 'b: none → next']);
  });

  it('of what is known changes nothing', () => {
    expect(registered([declare('a'), declare('b')], [row('a', 'active'), row('b', 'next')])).toEqual([]);
    expect(registered([declare('a', 'RS256', 'revoked')], [row('a', 'revoked')])).toEqual([]);
  });

  it('of a revoked key takes it out and has the next one sign at once', () => {
    const declared = [declare('a', 'RS256', 'revoked'), declare('b')];
    const rows = [row('a', 'active'), row('b', 'next')];
    expect(registered(declared, rows)).toEqual(['a: active → revoked', 'b: next → active']);
  });

  it('of a key that is declared no more ends its signing', () => {
    expect(registered([declare('b')], [row('a', 'active'), row('b', 'next')])).toEqual([
      'b: next → active',
      'a: active → retiring',
    ]);
  });

  it('never has a key sign that is retiring, retired or revoked', () => {
    const declared = [declare('a'), declare('b'), declare('c')];
    expect(registered(declared, [row('a', 'retiring'), row('b', 'retired'), row('c', 'revoked')])).toEqual([]);
  });
});

describe('time', () => {
  const due = (declared: DeclaredKey[], rows: SigningKey[]) => dueSteps(declared, rows, maxAge, now).map(told);

  it('has a key sign once every verifier could read it, and not before', () => {
    const declared = [declare('a'), declare('b')];
    expect(due(declared, [row('a', 'active', day), row('b', 'next', maxAge)])).toEqual([]);
    expect(due(declared, [row('a', 'active', day), row('b', 'next', maxAge + 1)])).toEqual([
      ['b: next → active', 'a: active → retiring'],
    ]);
  });

  it('retires a key once the last token it signed has expired, and not before', () => {
    expect(due([], [row('a', 'retiring', day)])).toEqual([]);
    expect(due([], [row('a', 'retiring', day + 1)])).toEqual([['a: retiring → retired']]);
  });

  it('moves one key of an algorithm at a time, in the order of declaration, and each algorithm by itself', () => {
    const declared = [declare('a'), declare('b'), declare('c'), declare('e', 'ES256')];
    const rows = [
      row('c', 'next', day),
      row('b', 'next', day),
      row('a', 'active', day),
      row('e', 'next', day, 'ES256'),
    ];
    expect(due(declared, rows)).toEqual([['b: next → active', 'a: active → retiring'], ['e: next → active']]);
  });

  it('has no key sign that is revoked, or declared no more', () => {
    expect(due([declare('b', 'RS256', 'revoked')], [row('b', 'next', day), row('c', 'next', day)])).toEqual([]);
  });
});
