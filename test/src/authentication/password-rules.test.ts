import { describe, expect, it } from 'vitest';
import { faultOfPassword } from '../../../src/authentication/password-rules.ts';

const ada = { username: 'lovelace1815', email: 'ada.king@example.com', name: 'Ada Lovelace' };

describe('a password', () => {
  it.each([
    'correct horse battery',
    'Tr0ub4dor&3x',
    'žluťoučký kůň',
    '正確馬電池釘書針です',
    'kX9#mQ2$vL',
    `${'long enough words '.repeat(7)}!!`,
    '  spaces count ',
    'my password is a rhinoceros',
  ])('%j is accepted: no rule says of which characters it is', (password) => {
    expect(faultOfPassword(password, ada)).toBeUndefined();
  });

  it.each([
    ['', /at least/],
    ['short', /at least/],
    ['kX9#mQ2$v', /at least/],
    ['x'.repeat(129), /at most/],
    ['password12', /easy to guess/],
    ['Password1234!', /easy to guess/],
    ['PASSWORDpassword', /easy to guess/],
    ['1234567890', /easy to guess/],
    ['aaaaaaaaaaaa', /easy to guess/],
    ['abababababab', /easy to guess/],
    ['abcdefghijklm', /easy to guess/],
    ['qwertyuiop', /easy to guess/],
    ['lovelace1815', /easy to guess/],
    ['LoveLace1815!', /easy to guess/],
    ['ada.king@example.com', /easy to guess/],
    ['AdaLovelace1', /easy to guess/],
    ['ｐａｓｓｗｏｒｄ１２', /easy to guess/],
    ['unpaired \uD800 half', /typed/],
  ])('%j is refused', (password, why) => {
    expect(faultOfPassword(password, ada)).toMatch(why);
  });

  it('is counted in characters after NFKC', () => {
    expect(faultOfPassword('😀😁😂🤣😃😄😅😆😉', ada)).toMatch(/at least/);
    expect(faultOfPassword('ﬁﬂﬃkX9#m', ada)).toBeUndefined();
  });
});
