import { TOTP } from 'otpauth';
import type { Outputs } from '../conformance/running-deployment.ts';
import { Browser, type Page } from '../conformance/sign-in.ts';
import { type Authenticator, newAuthenticator } from '../src/authentication/authenticator.ts';
import {
  asks,
  asksAgain,
  expectShown,
  invited,
  newPerson,
  ownPage,
  type Person,
  signedIn,
  signInOn,
  submits,
} from './people.ts';
import type { Prepared } from './request.ts';

/** What an authenticator app shows at this moment. */
const codeOf = (secret: string) => new TOTP({ secret }).generate();

/** The secret that a page tells an authenticator app. */
export const secretOn = ({ document }: Page) =>
  /[A-Z2-7]{4}(?: [A-Z2-7]{4})+/.exec(document.text)?.[0]?.replaceAll(' ', '') ?? '';

export const recoveryCodesOn = ({ document }: Page) => document.querySelectorAll('li code').map(({ text }) => text);

/** What a page gives a browser's script to ask an authenticator with. */
export const optionsOn = ({ document }: Page) =>
  JSON.parse(document.querySelector('[data-options]')?.getAttribute('data-options') ?? '');

/** The choice of a second factor, for somebody who has just signed in. */
export async function choiceOf(outputs: Outputs, browser: Browser): Promise<Page> {
  return browser.submit(await browser.open(ownPage(outputs, 'second-factor')), { action: 'add' });
}

/** From the choice on: the page that tells an authenticator app its secret. */
export const authenticatorPageOf = (browser: Browser, { url }: Page): Promise<Page> =>
  browser.open(url.replace('?', '/authenticator?'));

/** Sets up an authenticator app, from the choice on. */
export async function enrolApp(browser: Browser, choice: Page) {
  const page = await authenticatorPageOf(browser, choice);
  const secret = secretOn(page);
  const done = await browser.submit(page, { code: codeOf(secret) });
  expectShown(done, 200);
  return { secret, recoveryCodes: recoveryCodesOn(done) };
}

/** Sets up a passkey, from the choice on. */
export async function enrolPasskey({ issuer }: Outputs, browser: Browser, choice: Page): Promise<Authenticator> {
  const authenticator = newAuthenticator(new URL(issuer).origin);
  expectShown(await browser.submit(choice, { response: authenticator.create(optionsOn(choice)) }), 200);
  return authenticator;
}

/** Signs somebody in as far as the password; the page of the second step. */
export async function halfWay(outputs: Outputs, browser: Browser, person: Person): Promise<Page> {
  return signInOn(browser, await browser.open(ownPage(outputs, 'account')), person);
}

/** One request of every page on which users set what they sign in with, each of which succeeds once, in any order. */
export async function secondFactorRequests(outputs: Outputs, admin: string) {
  const { tenant } = outputs;
  const path = { tenant };
  const { person, link } = await invited(outputs, admin);
  const setting = new Browser();
  const setPassword = await setting.open(link);
  const changing = await newPerson(outputs, admin);
  const changer = await signedIn(outputs, changing);
  const passwordPage = await changer.open(ownPage(outputs, 'password'));

  // One has an app and adds a passkey, the other the other way round: neither is shown new recovery codes.
  const one = await newPerson(outputs, admin);
  const browser = await signedIn(outputs, one);
  const { recoveryCodes } = await enrolApp(browser, await choiceOf(outputs, browser));
  const [looking, adding] = [await choiceOf(outputs, browser), await choiceOf(outputs, browser)];
  const passkey = newAuthenticator(new URL(outputs.issuer).origin).create(optionsOn(adding));
  const coming = new Browser();
  const step = await halfWay(outputs, coming, one);
  const owner = new Browser();
  await owner.submit(await halfWay(outputs, owner, one), { code: recoveryCodes[1] ?? '' });
  const own = await owner.open(ownPage(outputs, 'second-factor'));

  const other = await newPerson(outputs, admin);
  const otherBrowser = await signedIn(outputs, other);
  await enrolPasskey(outputs, otherBrowser, await choiceOf(outputs, otherBrowser));
  const app = await authenticatorPageOf(otherBrowser, await choiceOf(outputs, otherBrowser));

  return {
    setPasswordPage: { path, query: new URL(link).search.slice(1) },
    setPassword: submits(setting, setPassword, { password: person.password, confirmation: person.password }, path),
    changePasswordPage: asks(changer, { path }),
    changePassword: submits(
      changer,
      passwordPage,
      { current: changing.password, password: `${changing.password} 2`, confirmation: `${changing.password} 2` },
      path,
    ),
    secondFactorPage: asksAgain(coming, step),
    secondFactor: submits(coming, step, { code: recoveryCodes[0] ?? '' }),
    enrolSecondFactorPage: asksAgain(browser, looking),
    enrolPasskey: submits(browser, adding, { response: passkey }),
    authenticatorPage: asksAgain(otherBrowser, app),
    enrolAuthenticator: () => submits(otherBrowser, app, { code: codeOf(secretOn(app)) }),
    accountSecondFactorPage: asks(owner, { path }),
    changeSecondFactor: submits(owner, own, { action: 'add' }, path),
  } satisfies Record<string, Prepared>;
}
