import { html } from 'hono/html';
import type { User } from '../entities/user.ts';
import { type FormTarget, form } from './form.ts';
import type { Brand, Page } from './layout.ts';
import { person } from './person.ts';

export interface AccountsPage {
  readonly brand: Brand;
  readonly target: FormTarget;
  readonly application?: string | undefined;
  readonly user: Pick<User, 'name' | 'username'>;
}

/** Where somebody who is signed in says whether that is who they want to be. */
export function accountsPage({ brand, target, application, user }: AccountsPage): Page {
  return {
    title: 'Choose an account',
    brand,
    main: html`<h1>Choose an account</h1>
<p class="lead">${application === undefined ? 'to continue' : html`to continue to <strong>${application}</strong>`}</p>
${person(user)}
${form(
  target,
  html`<div class="stack">
<button name="account" value="current">Continue as ${user.name}</button>
<button class="secondary" name="account" value="other">Use another account</button>
</div>`,
)}`,
  };
}
