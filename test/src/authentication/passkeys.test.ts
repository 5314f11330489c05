import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  authenticationOptions,
  registeredPasskey,
  registrationOptions,
  relyingParty,
  usedPasskey,
} from '../../../src/authentication/passkeys.ts';
import { newAuthenticator } from './authenticator.ts';

const party = relyingParty('https://id.example/auth', 'Acme');
const user = { id: `usr_${'a'.repeat(22)}`, username: 'ada', name: 'Ada Lovelace' };
const at = '2026-11-21T10:00:00.000Z';
const newChallenge = () => randomBytes(32).toString('base64url');

async function registered() {
  const authenticator = newAuthenticator(party.origin);
  const challenge = newChallenge();
  const passkey = await registeredPasskey(authenticator.create({ challenge }), party, challenge, at);
  if (passkey === undefined) throw new Error('was refused');
  return { authenticator, passkey };
}

describe('a passkey', () => {
  it('is asked for by our host, for this user, with our challenge, and not twice', async () => {
    const { passkey } = await registered();
    const challenge = newChallenge();
    expect(await registrationOptions(party, user, [passkey], challenge)).toMatchObject({
      challenge,
      rp: { id: 'id.example', name: 'Acme' },
      user: { id: Buffer.from(user.id).toString('base64url'), name: 'ada' },
      excludeCredentials: [{ id: passkey.id }],
      attestation: 'none',
    });
    expect(await authenticationOptions(party, [passkey], challenge)).toMatchObject({
      challenge,
      rpId: 'id.example',
      allowCredentials: [{ id: passkey.id, transports: ['usb'] }],
    });
  });

  it('is registered, and signs', async () => {
    const { authenticator, passkey } = await registered();
    expect(passkey).toMatchObject({ id: authenticator.id, signatures: 0, transports: ['usb'], createdAt: at });
    const challenge = newChallenge();
    const used = await usedPasskey(authenticator.get({ challenge }), party, challenge, [passkey]);
    expect(used).toEqual({ ...passkey, signatures: 1 });
  });

  it.each([
    ['another challenge', {}, newChallenge()],
    ['another origin', { origin: 'https://id.example.evil' }, undefined],
    ['another port', { origin: 'https://id.example:8443' }, undefined],
    ['another host', { rpId: 'evil.example' }, undefined],
    ['the other ceremony', { type: 'webauthn.get' }, undefined],
  ])('made for %s is refused', async (_, more, other) => {
    const challenge = newChallenge();
    const sent = newAuthenticator(party.origin).create({ challenge: other ?? challenge }, more);
    expect(await registeredPasskey(sent, party, challenge, at)).toBeUndefined();
  });

  it.each([
    ['another challenge', {}, newChallenge()],
    ['another origin', { origin: 'https://id.example.evil' }, undefined],
    ['another host', { rpId: 'evil.example' }, undefined],
    ['the other ceremony', { type: 'webauthn.create' }, undefined],
  ])('that signed for %s is refused', async (_, more, other) => {
    const { authenticator, passkey } = await registered();
    const challenge = newChallenge();
    const sent = authenticator.get({ challenge: other ?? challenge }, more);
    expect(await usedPasskey(sent, party, challenge, [passkey])).toBeUndefined();
    expect(await usedPasskey(authenticator.get({ challenge }), party, challenge, [passkey])).toBeDefined();
  });

  it('that counts no further than before is refused as a copy', async () => {
    const { authenticator, passkey } = await registered();
    const challenge = newChallenge();
    const before = [{ ...passkey, signatures: 7 }];
    for (const count of [6, 7])
      expect(await usedPasskey(authenticator.get({ challenge }, { count }), party, challenge, before)).toBeUndefined();
    expect(await usedPasskey(authenticator.get({ challenge }, { count: 8 }), party, challenge, before)).toBeDefined();
  });

  it("is the user's own: another one's, under its name too, is refused", async () => {
    const [mine, other] = [await registered(), await registered()];
    const challenge = newChallenge();
    const sent = other.authenticator.get({ challenge });
    expect(await usedPasskey(sent, party, challenge, [mine.passkey])).toBeUndefined();
    const renamed = sent.replaceAll(other.passkey.id, mine.passkey.id);
    expect(await usedPasskey(renamed, party, challenge, [mine.passkey])).toBeUndefined();
  });

  it.each(['', '{', 'null', '[]', '{"id":7}', '{"id":"x","rawId":"x","type":"public-key","response":{}}'])(
    'is not %j',
    async (sent) => {
      const { passkey } = await registered();
      const challenge = newChallenge();
      expect(await registeredPasskey(sent, party, challenge, at)).toBeUndefined();
      expect(await usedPasskey(sent, party, challenge, [passkey])).toBeUndefined();
    },
  );
});
