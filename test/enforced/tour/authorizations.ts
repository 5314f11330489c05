import { Browser, goThrough, locationOf } from '../../conformance/sign-in.ts';
import type { Scene } from '../operations.ts';
import { authorizationParameters, authorizationUrl, newApp } from '../pages.ts';
import { newPerson, signedIn } from '../people.ts';
import { form, succeed } from '../request.ts';
import { choiceOf, enrolApp } from '../second-factors.ts';
import { demandSecondFactor } from './sign-in.ts';

/** What users are asked, and answer. */
export async function authorizationTour(scene: Scene): Promise<void> {
  await pushed(scene);
  await inOneProject(scene);
  await wellEnoughProved(scene);
}

async function pushed({ outputs, admin }: Scene): Promise<void> {
  const app = await newApp(outputs, admin);
  const { body } = await succeed(outputs, 'pushAuthorizationRequest', { body: form(app, authorizationParameters) });
  const query = String(new URLSearchParams({ client_id: app.client_id, request_uri: body.request_uri }));
  const person = await newPerson(outputs, admin);
  const page = await goThrough(new Browser(), `${outputs.issuer}/oauth2/authorize?${query}`, person);
  if (!locationOf(page).searchParams.has('code')) throw new Error('no code');
  const again = await succeed(outputs, 'pushAuthorizationRequest', { body: form(app, authorizationParameters) });
  const posted = new URLSearchParams({ client_id: app.client_id, request_uri: again.body.request_uri });
  await succeed(outputs, 'authorizePost', { body: posted });
}

async function inOneProject({ outputs, admin, project }: Scene): Promise<void> {
  const app = await newApp(outputs, admin, { rights: ['issues:write'] });
  const person = await newPerson(outputs, admin, [{ role: 'project_administrator', project }]);
  const asked = authorizationUrl(outputs, app, { scope: 'openid issues:write' });
  const denied = await goThrough(new Browser(), asked, person, 'deny');
  if (locationOf(denied).searchParams.get('error') !== 'access_denied') throw new Error('not denied');
}

/** The tenant asks for a second factor: whether a user has one is looked up. */
async function wellEnoughProved(scene: Scene): Promise<void> {
  const { outputs, admin } = scene;
  const app = await newApp(outputs, admin);
  const browser = await signedIn(outputs, await newPerson(outputs, admin));
  await enrolApp(browser, await choiceOf(outputs, browser));
  await demandSecondFactor(scene, true);
  const page = await browser.submit(await browser.open(authorizationUrl(outputs, app)), { decision: 'allow' });
  if (!locationOf(page).searchParams.has('code')) throw new Error('no code');
  await demandSecondFactor(scene, false);
}
