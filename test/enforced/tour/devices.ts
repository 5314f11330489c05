import { deviceCodeGrant } from '../../../src/entities/grant-type.ts';
import { asks, Browser, type Page } from '../../conformance/sign-in.ts';
import type { Scene } from '../operations.ts';
import { newDeviceClient } from '../pages.ts';
import { expectShown, newPerson, type Person, signedIn, signInOn } from '../people.ts';
import { form, send, succeed } from '../request.ts';
import { choiceOf, enrolApp } from '../second-factors.ts';
import { demandSecondFactor } from './sign-in.ts';

/** Devices that ask for what somebody holds in one project: once allowed, once denied, once with a second factor. */
export async function deviceTour(scene: Scene): Promise<void> {
  const { outputs, admin, project } = scene;
  const { client, begin } = await newDeviceClient(outputs, admin, ['issues:write']);
  const person = await newPerson(outputs, admin, [{ role: 'project_administrator', project }]);
  const poll = (device_code: string) =>
    send(outputs, 'token', { body: form(client, { grant_type: deviceCodeGrant, device_code }) });

  const denied = await begin();
  await decide(outputs.issuer, new Browser(), denied.user_code, 'deny', person);
  if ((await poll(denied.device_code)).body.error !== 'access_denied') throw new Error('not denied');

  const allowed = await begin();
  if ((await poll(allowed.device_code)).body.error !== 'authorization_pending') throw new Error('not pending');
  const browser = await signedIn(outputs, person);
  await enrolApp(browser, await choiceOf(outputs, browser));
  await demandSecondFactor(scene, true);
  await decide(outputs.issuer, browser, allowed.user_code, 'allow');
  await demandSecondFactor(scene, false);
  await succeed(outputs, 'token', {
    body: form(client, { grant_type: deviceCodeGrant, device_code: allowed.device_code }),
  });
}

/** Types a wrong code, then the right one, and decides. */
export async function decide(issuer: string, browser: Browser, code: string, decision: string, person?: Person) {
  const empty = await browser.open(`${issuer}/device`);
  expectShown(await browser.submit(empty, { user_code: 'BBBB-BBBB' }), 400);
  let page: Page = await browser.submit(empty, { user_code: code });
  if (person !== undefined && asks(page, 'password')) page = await signInOn(browser, page, person);
  expectShown(await browser.submit(page, { decision }), 200);
}
