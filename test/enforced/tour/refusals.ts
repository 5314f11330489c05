import type { Operation } from '../../../src/api/routes.ts';
import { Browser } from '../../conformance/sign-in.ts';
import type { Scene } from '../operations.ts';
import { newApp } from '../pages.ts';
import { expectShown, newPerson, ownPage, signedIn } from '../people.ts';
import { form, send } from '../request.ts';

const authenticating = [
  'token',
  'introspect',
  'revoke',
  'pushAuthorizationRequest',
  'deviceAuthorization',
] as const satisfies readonly Operation[];

/** Proofs that do not hold, each of which the audit log is told of. */
export async function refusalTour({ outputs, admin }: Pick<Scene, 'outputs' | 'admin'>): Promise<void> {
  for (const operation of authenticating) {
    // A client of its own: of the same one the log is told once an hour.
    const { client_id } = await newApp(outputs, admin);
    const body = form({ client_id, client_secret: 'wrong' }, { grant_type: 'client_credentials', token: 'x' });
    const { status } = await send(outputs, operation, { body });
    if (status !== 401) throw new Error(`${operation} answered ${status}`);
  }
  const person = await newPerson(outputs, admin);
  const browser = await signedIn(outputs, person, new Browser());
  const page = await browser.open(ownPage(outputs, 'password'));
  const [password, confirmation] = ['another long password', 'another long password'];
  expectShown(await browser.submit(page, { current: 'wrong', password, confirmation }), 403);
}
