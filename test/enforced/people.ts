import { filledIn, type Page, type Typed } from '../../local/browser.ts';
import { call } from '../conformance/client.ts';
import type { Outputs } from '../conformance/running-deployment.ts';
import { Browser } from '../conformance/sign-in.ts';
import type { Request } from './request.ts';

/** Somebody who can sign in. */
export interface Person {
  readonly id: string;
  readonly username: string;
  readonly email: string;
  readonly password: string;
}

let people = 0;

/** A new user's body. */
export function newUser(roles: readonly unknown[] = ['member']) {
  const username = `user${Date.now()}n${++people}`;
  return { username, email: `${username}@example.com`, name: 'Some One', roles };
}

/** A new user, and the link with which they set their password. */
export async function invited({ admin_url }: Outputs, admin: string, roles?: readonly unknown[]) {
  const user = newUser(roles);
  const { body, status, text } = await call('POST', `${admin_url}/users`, { token: admin, body: user });
  if (status !== 201) throw new Error(`not created: ${status} ${text}`);
  const person: Person = { ...user, id: body.id, password: `Of ${user.username}, and nobody else's` };
  return { person, link: body.password_link as string };
}

/** A new user whose password was set, with a browser that nobody signs in with. */
export async function newPerson(outputs: Outputs, admin: string, roles?: readonly unknown[]): Promise<Person> {
  const { person, link } = await invited(outputs, admin, roles);
  const browser = new Browser();
  const { password } = person;
  expectShown(await browser.submit(await browser.open(link), { password, confirmation: password }), 200);
  return person;
}

/** A page of the tenant's users: `account`, `password`, `second-factor`, … */
export const ownPage = ({ issuer, tenant }: Outputs, rest: string) => `${issuer}/t/${tenant}/${rest}`;

/** Signs somebody in on a page that asks for it; the page after it. */
export const signInOn = (browser: Browser, page: Page, { username, password }: Person): Promise<Page> =>
  browser.submit(page, { username, password });

/** A browser with which somebody has signed in, who needs no second factor. */
export async function signedIn(outputs: Outputs, person: Person, browser = new Browser()): Promise<Browser> {
  const page = await signInOn(browser, await browser.open(ownPage(outputs, 'account')), person);
  expectShown(page, 200);
  return browser;
}

/** A request for a page, as a browser sends it. */
export const asks = (browser: Browser, request: Pick<Request, 'path' | 'query'> = {}): Request => ({
  ...request,
  headers: { cookie: browser.cookieHeader },
});

/** A request for the page that a browser was left at. */
export const asksAgain = (browser: Browser, { url }: Page): Request =>
  asks(browser, { query: new URL(url).search.slice(1) });

/** The form of a page, filled in, as its browser sends it. */
export const submits = (browser: Browser, page: Page, typed: Typed, path: Request['path'] = {}): Request => ({
  path,
  body: filledIn(page, typed).body,
  headers: { cookie: browser.cookieHeader },
});

/** @throws Error with what the page says, where it is another than was expected */
export function expectShown({ status, url, document }: Page, expected: number): void {
  if (status !== expected) throw new Error(`${url} answered ${status}: ${document.structuredText}`);
}
