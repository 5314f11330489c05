import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { userCreation } from '../../../src/api/schemas/user.ts';
import { standardClaims } from '../../../src/entities/identity-provider.ts';
import { nameOf, profileOf, usernameOf } from '../../../src/federation/profile.ts';

const provider = { claimMapping: standardClaims, allowedEmailDomains: ['example.com'] };
const nobody = { username: undefined, email: undefined, name: undefined };

describe('a profile', () => {
  it('takes an email from a source that says itself that it is verified', () => {
    const verified = { email: 'ada@example.com', email_verified: true };
    expect(profileOf([{}, verified], provider).email).toBe('ada@example.com');
    expect(profileOf([{ email: 'eve@example.com' }, verified], provider).email).toBe('ada@example.com');
    expect(profileOf([{ email: 'eve@example.com' }, { email_verified: true }], provider).email).toBeUndefined();
    expect(profileOf([{ email_verified: true }, { email: 'eve@example.com' }], provider).email).toBeUndefined();
  });

  it('compares domains without regard to case, and takes those of the list alone', () => {
    const at = (email: string) => profileOf([{ email, email_verified: true }], provider).email;
    expect(at('Ada@EXAMPLE.com')).toBe('Ada@EXAMPLE.com');
    for (const email of ['ada@example.org', '@example.com', 'example.com', 'ada@example.com\n', 'a b@example.com'])
      expect([email, at(email) === undefined || at(email) === email.trim()]).toEqual([email, true]);
    expect(at('ada@example.org')).toBeUndefined();
    expect(at('"x@evil.example"@example.com')).toBeUndefined();
  });
});

describe('a username', () => {
  it.each([
    ['ada', 'ada'],
    ['Ada.Lovelace@example.com', 'Ada.Lovelace'],
    ['Ada Lovelace', 'Ada-Lovelace'],
    ['  --ada', 'ada'],
    ['a\u200bda', 'ada'],
    ['阿達', '阿達'],
    ['<script>', 'script-'],
    ['x'.repeat(100), 'x'.repeat(57)],
    ['@', 'user'],
    ['///', 'user'],
  ])('of %j is %j, and can be one', (username, expected) => {
    for (const attempt of [0, 1]) {
      const made = usernameOf({ ...nobody, username }, attempt, randomBytes);
      expect(made.startsWith(expected)).toBe(true);
      expect(attempt === 0 ? made : '').toBe(attempt === 0 ? expected : '');
      const user = { username: made, email: 'ada@example.com', name: nameOf(nobody, made), roles: ['member'] };
      expect(userCreation.safeParse(user).success).toBe(true);
    }
  });

  it('is the email before its @ where the provider says none', () => {
    expect(usernameOf({ ...nobody, email: 'ada@example.com' }, 0, randomBytes)).toBe('ada');
  });
});

describe('a name', () => {
  it.each([
    ['Ada\nLovelace\u2028', 'Ada Lovelace'],
    ['\t', 'ada'],
    ['x'.repeat(200), 'x'.repeat(100)],
    ['Ada\u202Ecalevol', 'Adacalevol'],
    ['\u200B\u2060', 'ada'],
  ])('of %j is %j', (name, expected) => {
    expect(nameOf({ ...nobody, name }, 'ada')).toBe(expected);
  });
});
