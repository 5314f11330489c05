import { randomBytes } from 'node:crypto';
import { TOTP } from 'otpauth';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EnrolmentPorts, enrolPasskey, enrolTotp, pendingSecret } from '../../../src/authentication/enrolment.ts';
import { registeredPasskey, relyingParty } from '../../../src/authentication/passkeys.ts';
import { checkSecondFactor, type SecondFactorPorts } from '../../../src/authentication/second-factor.ts';
import type { User } from '../../../src/entities/user.ts';
import type { SecretProtector } from '../../../src/ports.ts';
import { newAuthenticator } from './authenticator.ts';
import { type SignInScene, signInScene } from './scene.ts';

const protector: SecretProtector = {
  encrypt: async (text, context) => Buffer.from(JSON.stringify([context, text])),
  decrypt: async (sealed, context) => {
    const [bound, text] = JSON.parse(Buffer.from(sealed).toString());
    if (JSON.stringify(bound) !== JSON.stringify(context)) throw new Error('another context');
    return text;
  },
};

let scene: SignInScene;
let ports: SecondFactorPorts & EnrolmentPorts;
beforeAll(async () => {
  scene = await signInScene();
  ports = { ...scene.ports, protector };
});
afterAll(() => scene.close());

const credentialsOf = async ({ tenant, id }: User) => {
  const found = await ports.credentials.get(tenant, id);
  if (found === undefined) throw new Error('has no credentials');
  return found;
};
const codeOf = (secret: string, step = 0) =>
  new TOTP({ secret }).generate({ timestamp: ports.clock.now() + step * 30_000 });
const event = (user: User) => scene.event('user.second_factor_added', user.id);
const check = ({ tenant, id }: User, code: string) => checkSecondFactor(ports, { tenant, userId: id, proof: { code } });
const ok = (user: User, method: string) => ({ outcome: 'ok', user, method });
const refused = { outcome: 'refused' };

/** Where the secret is shown. */
const interaction = 'itx_1';

/** A user with an app, some minutes after it was set up. */
async function withTotp() {
  const user = await scene.newUser();
  const secret = await pendingSecret(ports, await credentialsOf(user), interaction);
  const enrolled = await enrolTotp(
    ports,
    await credentialsOf(user),
    { code: codeOf(secret), interaction },
    event(user),
  );
  scene.later(120);
  return { user, secret, recoveryCodes: enrolled?.recoveryCodes ?? [] };
}

describe('an authenticator app', () => {
  it('is set up with a code of the secret that was shown, and with ten recovery codes', async () => {
    const user = await scene.newUser();
    const secret = await pendingSecret(ports, await credentialsOf(user), interaction);
    expect(await pendingSecret(ports, await credentialsOf(user), interaction)).toBe(secret);
    expect(JSON.stringify(await credentialsOf(user))).not.toContain(secret);
    expect((await credentialsOf(user)).totp).toBeUndefined();
    expect(
      await enrolTotp(ports, await credentialsOf(user), { code: '000000', interaction }, event(user)),
    ).toBeUndefined();
    const enrolled = await enrolTotp(
      ports,
      await credentialsOf(user),
      { code: codeOf(secret), interaction },
      event(user),
    );
    expect(new Set(enrolled?.recoveryCodes).size).toBe(10);
    const { totp, pendingTotp, recoveryCodes } = await credentialsOf(user);
    expect(totp).toBeDefined();
    expect(pendingTotp).toBeUndefined();
    expect(recoveryCodes).toHaveLength(10);
    expect(recoveryCodes).not.toContain(enrolled?.recoveryCodes?.[0]);
  });

  it('is not set up with a secret that was shown in another interaction, perhaps to somebody else', async () => {
    const user = await scene.newUser();
    const seen = await pendingSecret(ports, await credentialsOf(user), 'itx_2');
    const given = { code: codeOf(seen), interaction };
    expect(await enrolTotp(ports, await credentialsOf(user), given, event(user))).toBeUndefined();
    expect(await pendingSecret(ports, await credentialsOf(user), interaction)).not.toBe(seen);
  });

  it('is not set up with a secret that was shown too long ago', async () => {
    const user = await scene.newUser();
    const secret = await pendingSecret(ports, await credentialsOf(user), interaction);
    scene.later(30 * 60);
    expect(
      await enrolTotp(ports, await credentialsOf(user), { code: codeOf(secret), interaction }, event(user)),
    ).toBeUndefined();
    expect(await pendingSecret(ports, await credentialsOf(user), interaction)).not.toBe(secret);
  });

  it('is not signed in with by the code that set it up', async () => {
    const user = await scene.newUser();
    const secret = await pendingSecret(ports, await credentialsOf(user), interaction);
    const code = codeOf(secret);
    await enrolTotp(ports, await credentialsOf(user), { code, interaction }, event(user));
    expect(await check(user, code)).toEqual(refused);
    expect(await check(user, codeOf(secret, 1))).toEqual(ok(user, 'otp'));
  });
});

describe('a code', () => {
  it('of the app counts once, and none before it', async () => {
    const { user, secret } = await withTotp();
    expect(await check(user, '000000')).toEqual(refused);
    expect(await check(user, codeOf(secret))).toEqual(ok(user, 'otp'));
    expect(await check(user, codeOf(secret))).toEqual(refused);
    expect(await check(user, codeOf(secret, -1))).toEqual(refused);
    scene.later(30);
    expect(await check(user, codeOf(secret))).toEqual(ok(user, 'otp'));
  });

  it('of which ten come at once counts once', async () => {
    const { user, secret } = await withTotp();
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => check(user, codeOf(secret))));
    expect(outcomes.filter(({ outcome }) => outcome === 'ok')).toHaveLength(1);
  });

  it('for recovery counts once, however it is typed, and is taken from what is kept', async () => {
    const { user, recoveryCodes } = await withTotp();
    const [first = '', second = ''] = recoveryCodes;
    expect(await check(user, first)).toEqual(ok(user, 'rec'));
    expect(await check(user, first)).toEqual(refused);
    expect(await check(user, ` ${second.toUpperCase().replaceAll('-', ' ')} `)).toEqual(ok(user, 'rec'));
    expect((await credentialsOf(user)).recoveryCodes).toHaveLength(8);
  });

  it('for recovery of which ten come at once counts once', async () => {
    const { user, recoveryCodes } = await withTotp();
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => check(user, recoveryCodes[0] ?? '')));
    expect(outcomes.filter(({ outcome }) => outcome === 'ok')).toHaveLength(1);
  });

  it("of another user's app or recovery counts for nothing", async () => {
    const [mine, other] = [await withTotp(), await withTotp()];
    expect(await check(mine.user, codeOf(other.secret))).toEqual(refused);
    expect(await check(mine.user, other.recoveryCodes[0] ?? '')).toEqual(refused);
  });

  it('is not guessed: wrong ones slow down, and the right one too until that is over', async () => {
    const { user, secret } = await withTotp();
    const guesses = await Promise.all(Array.from({ length: 20 }, (_, at) => check(user, String(at).padStart(6, '0'))));
    expect(guesses.filter(({ outcome }) => outcome === 'refused').length).toBeLessThanOrEqual(5);
    let wait = await check(user, '000000');
    while (wait.outcome === 'refused') wait = await check(user, '000000');
    expect((await check(user, codeOf(secret))).outcome).toBe('slow-down');
    if (wait.outcome === 'slow-down') scene.later(wait.retryAfterSeconds);
    expect(await check(user, codeOf(secret))).toEqual(ok(user, 'otp'));
  });

  it('counts for nobody without a second factor, nor for who is disabled', async () => {
    const none = await scene.newUser();
    expect(await check(none, '000000')).toEqual(refused);
    const disabled = await scene.newUser({ status: 'disabled' });
    const secret = await pendingSecret(ports, await credentialsOf(disabled), interaction);
    await enrolTotp(ports, await credentialsOf(disabled), { code: codeOf(secret), interaction }, event(disabled));
    expect(await check(disabled, codeOf(secret, 1))).toEqual(refused);
  });
});

describe('a passkey', () => {
  const party = relyingParty('https://id.example/auth', 'Acme');
  const newChallenge = () => randomBytes(32).toString('base64url');

  it('is added once, and counts with a counter that only rises', async () => {
    const user = await scene.newUser();
    const authenticator = newAuthenticator(party.origin);
    const made = newChallenge();
    const passkey = await registeredPasskey(authenticator.create({ challenge: made }), party, made, 'now');
    if (passkey === undefined) throw new Error('was refused');
    const enrolled = await enrolPasskey(ports, await credentialsOf(user), passkey, event(user));
    expect(enrolled?.recoveryCodes).toHaveLength(10);
    expect(await enrolPasskey(ports, await credentialsOf(user), passkey, event(user))).toBeUndefined();
    const challenge = newChallenge();
    const show = (sent: string) =>
      checkSecondFactor(ports, {
        tenant: user.tenant,
        userId: user.id,
        proof: { passkey: sent, party, challenge },
      });
    const sent = authenticator.get({ challenge });
    const outcomes = await Promise.all([show(sent), show(sent), show(sent)]);
    expect(outcomes.filter(({ outcome }) => outcome === 'ok')).toEqual([ok(user, 'hwk')]);
    expect((await credentialsOf(user)).passkeys).toMatchObject([{ signatures: 1 }]);
  });

  it('is one of ten at most', async () => {
    const user = await scene.newUser();
    const passkey = (id: string) => ({ id, publicKey: '', signatures: 0, transports: [], createdAt: 'now' });
    for (let made = 0; made < 10; made++)
      expect(await enrolPasskey(ports, await credentialsOf(user), passkey(`p${made}`), event(user))).toBeDefined();
    expect(await enrolPasskey(ports, await credentialsOf(user), passkey('p10'), event(user))).toBeUndefined();
  });
});
