import { html } from 'hono/html';
import type { User } from '../entities/user.ts';
import { type FormTarget, form } from './form.ts';
import type { Brand, Page } from './layout.ts';
import { person } from './person.ts';

export interface SignOutPage {
  readonly brand: Brand;
  readonly target: FormTarget;
  readonly user: Pick<User, 'name' | 'username'>;
  /** The application that asks, where it is known. */
  readonly application?: { readonly name: string } | undefined;
  /** The user's own pages, for who stays. */
  readonly account: string;
}

/** Where a user is asked whether they want to sign out: an application, or just a link, says so. */
export function signOutPage({ brand, target, user, application, account }: SignOutPage): Page {
  return {
    title: 'Sign out?',
    brand,
    main: html`<h1>Sign out of ${brand.name}?</h1>
<p class="lead">${application === undefined ? 'You were asked' : `${application.name} asks you`} to sign out in this
browser. Applications that you use with this sign-in sign you out too, as far as they can.</p>
${person(user)}
${form(
  target,
  html`<div class="buttons">
<a class="button secondary" href="${account}">Stay signed in</a>
<button>Sign out</button>
</div>`,
)}`,
  };
}

/** Where a browser is signed in. */
export interface SignedInAt {
  readonly brand: Brand;
  readonly user: Pick<User, 'name' | 'username'>;
  readonly account: string;
}

/** For who comes to sign out and does not say of what. */
export function whereSignedInPage(places: readonly SignedInAt[]): Page {
  if (places.length === 0)
    return {
      title: 'Signed out',
      main: html`<h1>You are signed out</h1>
<p class="lead">Nobody is signed in with this browser.</p>`,
    };
  return {
    title: 'Sign out',
    main: html`<h1>Where do you want to sign out?</h1>
<p class="lead">You are signed in with this browser here. You can sign out on your account page.</p>
<ul class="plain">${places.map(
      ({ brand, user, account }) => html`<li>
<div class="grow"><strong>${brand.name}</strong> <span class="quiet">${user.name} · ${user.username}</span></div>
<a class="button secondary small" href="${account}" aria-label="Your account at ${brand.name}">Account</a>
</li>`,
    )}</ul>`,
  };
}
