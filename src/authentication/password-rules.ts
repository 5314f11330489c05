import { foldedName } from '../entities/integration-name.ts';
import type { User } from '../entities/user.ts';
import { normalizedPassword } from './password-hash.ts';

/** Counted in code points after NFKC. No rule says of which kinds they are (NIST SP 800-63B §3.1.1.2). */
const passwordLength = { least: 10, most: 128 } as const;

/** What everybody tries first; a password that is little more than these is none. */
const triedFirst = [
  ...['password', 'passwort', 'passw0rd', 'p@ssword', 'p@ssw0rd', 'motdepasse', 'letmein', 'welcome', 'iloveyou'],
  ...[
    'qwertyuiop',
    'qwertzuiop',
    'azertyuiop',
    'qwerty',
    'qwertz',
    'azerty',
    'asdfghjkl',
    'asdf',
    '1q2w3e4r',
    '1qaz2wsx',
  ],
  ...[
    'administrator',
    'admin',
    'latchkey',
    'changeme',
    'secret',
    'dragon',
    'monkey',
    'football',
    'sunshine',
    'princess',
  ],
  ...[
    'trustno1',
    'superman',
    'master',
    'shadow',
    'michael',
    'abc123',
    'login',
    'hello',
    'summer',
    'winter',
    'spring',
    'autumn',
  ],
];
const leftAtLeast = 6;
const differentAtLeast = 4;

/**
 * What speaks against a password, in words for the one who chose it; undefined where nothing does.
 *
 * @param user whose it is to be: it must not be their name with little more
 */
export function faultOfPassword(password: string, user: Pick<User, 'username' | 'email' | 'name'>): string | undefined {
  const chosen = normalizedPassword(password);
  const length = Array.from(chosen).length;
  if (!chosen.isWellFormed()) return 'Use characters that can be typed.';
  if (length < passwordLength.least) return `Use at least ${passwordLength.least} characters.`;
  if (length > passwordLength.most) return `Use at most ${passwordLength.most} characters.`;
  const own = [user.username, user.email, user.email.split('@')[0] ?? '', ...user.name.split(/\s+/)]
    .map(foldedName)
    .filter((word) => word.length >= 3);
  const left = without([...own, ...triedFirst], foldedName(chosen));
  if (Array.from(left).length < leftAtLeast || new Set(left).size < differentAtLeast)
    return 'This password is easy to guess. Use one that is not made of names and of words that everybody tries.';
  return undefined;
}

/** What is left of a text without the words, the longest first, and without characters that only go on counting. */
function without(words: readonly string[], text: string): string {
  const longestFirst = [...new Set(words)].sort((one, other) => other.length - one.length);
  const rest = longestFirst.reduce((left, word) => left.replaceAll(word, ''), text);
  return Array.from(rest)
    .filter((character, index, all) => {
      const step = (character.codePointAt(0) ?? 0) - (all[index - 1]?.codePointAt(0) ?? -99);
      return Math.abs(step) > 1;
    })
    .join('');
}
