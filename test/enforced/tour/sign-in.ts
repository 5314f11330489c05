import { TOTP } from 'otpauth';
import type { Outputs } from '../../conformance/running-deployment.ts';
import { Browser } from '../../conformance/sign-in.ts';
import type { Scene } from '../operations.ts';
import { authorizationUrl, formTo, newApp } from '../pages.ts';
import { expectShown, invited, newPerson, ownPage, type Person, signedIn, signInOn } from '../people.ts';
import { succeed } from '../request.ts';
import { choiceOf, enrolApp, enrolPasskey, halfWay, optionsOn } from '../second-factors.ts';

/** Everything that happens to users on their way in and out. */
export async function signInTour(scene: Scene): Promise<void> {
  await passwords(scene);
  await secondFactors(scene);
  await othersTakeTheBrowser(scene);
  await askedToSignOut(scene);
}

async function passwords({ outputs, admin }: Scene): Promise<void> {
  const person = await newPerson(outputs, admin);
  const browser = new Browser();
  const own = await browser.open(ownPage(outputs, 'password'));
  expectShown(await browser.submit(own, { username: person.username, password: 'wrong' }), 403);
  expectShown(await browser.submit(own, { username: person.email, password: person.password }), 200);
  // A link opened where somebody is signed in.
  const { link, person: other } = await invited(outputs, admin);
  const set = await browser.open(link);
  expectShown(await browser.submit(set, { password: other.password, confirmation: other.password }), 200);
}

async function secondFactors({ outputs, admin }: Scene): Promise<void> {
  const one = await newPerson(outputs, admin);
  const browser = await signedIn(outputs, one);
  const { secret } = await enrolApp(browser, await choiceOf(outputs, browser));
  const coming = new Browser();
  const step = await halfWay(outputs, coming, one);
  expectShown(await coming.submit(step, { code: '000000' }), 403);
  // The app's next code: the one of this moment was used up by its enrolment.
  const code = new TOTP({ secret }).generate({ timestamp: Date.now() + 30_000 });
  expectShown(await coming.submit(step, { code }), 200);
  const own = await coming.open(ownPage(outputs, 'second-factor'));
  expectShown(await coming.submit(own, { action: 'codes' }), 200);
  expectShown(await coming.submit(own, { action: 'remove', factor: 'totp' }), 200);

  const other = await newPerson(outputs, admin);
  const withPasskey = await signedIn(outputs, other);
  const passkey = await enrolPasskey(outputs, withPasskey, await choiceOf(outputs, withPasskey));
  const again = new Browser();
  const asked = await halfWay(outputs, again, other);
  expectShown(await again.submit(asked, { response: passkey.get(optionsOn(asked)) }), 200);
}

/** A browser in which somebody let an app in, which is to be told when the session ends. */
async function inUse(
  { outputs, admin }: Pick<Scene, 'outputs' | 'admin'>,
  person: Person,
  logoutUri?: string,
): Promise<Browser> {
  const app = await newApp(outputs, admin, logoutUri === undefined ? {} : { backchannel_logout_uri: logoutUri });
  const browser = await signedIn(outputs, person);
  await browser.submit(await browser.open(authorizationUrl(outputs, app)), { decision: 'allow' });
  return browser;
}

/** Sessions end where others sign in with the browser: at once, after a second factor, after setting one up. */
async function othersTakeTheBrowser(scene: Scene): Promise<void> {
  const { outputs, admin } = scene;
  const [before, next, enrolled, required] = [
    await newPerson(outputs, admin),
    await newPerson(outputs, admin),
    await newPerson(outputs, admin),
    await newPerson(outputs, admin),
  ];
  const own = await signedIn(outputs, enrolled);
  const { recoveryCodes } = await enrolApp(own, await choiceOf(outputs, own));
  const app = await newApp(outputs, admin);
  const asked = authorizationUrl(outputs, app, { prompt: 'login' });

  const first = await inUse(scene, before);
  expectShown(await signInOn(first, await first.open(asked), next), 200);

  const second = await inUse(scene, before);
  const step = await signInOn(second, await second.open(asked), enrolled);
  expectShown(await second.submit(step, { code: recoveryCodes[0] ?? '' }), 200);

  const third = await inUse(scene, before);
  await demandSecondFactor(scene, true);
  await enrolApp(third, await signInOn(third, await third.open(asked), required));
  await demandSecondFactor(scene, false);
}

/** What the tenant's policy says. */
export async function demandSecondFactor({ outputs, admin: token }: Scene, demanded: boolean): Promise<void> {
  await succeed(outputs, 'changeTenant', { token, body: { policy: { second_factor_required: demanded } } });
}

/** Asked by a client that the user did not come from. */
async function askedToSignOut(scene: Scene): Promise<void> {
  const { outputs, admin, ownAccess } = scene;
  const browser = await inUse(scene, await newPerson(outputs, admin));
  const asked = await browser.open(`${outputs.issuer}/oauth2/logout?client_id=${ownAccess.user.clientId}`);
  expectShown(await browser.submit(asked), 200);
}

/**
 * Lets an app in and signs out at the account page.
 *
 * @param logoutUri where the app listens to be told
 */
export async function signOut(outputs: Outputs, admin: string, person: Person, logoutUri: string): Promise<void> {
  const browser = await inUse({ outputs, admin }, person, logoutUri);
  const account = await browser.open(ownPage(outputs, 'account'));
  expectShown(await browser.submit(formTo(account, 'sign-out')), 200);
}
