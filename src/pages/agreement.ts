import { html } from 'hono/html';
import type { Holdings } from '../entities/holdings.ts';
import type { User } from '../entities/user.ts';
import { type FormTarget, form } from './form.ts';
import type { Brand, Html } from './layout.ts';
import { person } from './person.ts';
import { type NamedProject, rightsList, scopesList } from './rights-list.ts';

/** What every page is given on which a user agrees to what an application may do for them. */
export interface Agreement {
  readonly brand: Brand;
  readonly target: FormTarget;
  readonly user: Pick<User, 'name' | 'username'>;
  readonly application: { readonly name: string; readonly description?: string | undefined };
  readonly scopes: readonly string[];
  readonly rights: Holdings;
  /** Those that rights are limited to, with their names. */
  readonly projects: readonly NamedProject[];
  /** Where another account can be chosen. */
  readonly otherAccount: string;
  readonly problem?: string | undefined;
}

/** What the application says of itself. */
export function description({ application }: Agreement): Html | '' {
  return application.description === undefined ? '' : html`<p class="lead">${application.description}</p>`;
}

/** Who is asked, and the way out for somebody else. */
export function whoIsAsked({ user, otherAccount }: Agreement): Html {
  return person(user, html`<a class="quiet" href="${otherAccount}">Not you?</a>`);
}

/**
 * What the application will be able to do, and the two answers.
 *
 * @param note what else there is to know before answering
 */
export function question({ target, application, scopes, rights, projects }: Agreement, note: Html | ''): Html {
  return html`<h2>${application.name} will be able to</h2>
${scopesList(scopes)}
${rightsList(rights, projects)}
<p class="quiet">${note} You can withdraw this at any time on your account page.</p>
${form(
  target,
  html`<div class="buttons">
<button class="secondary" name="decision" value="deny">Deny</button>
<button name="decision" value="allow">Allow</button>
</div>`,
)}`;
}
