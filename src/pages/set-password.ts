import { html } from 'hono/html';
import { type FormTarget, field, form, problem } from './form.ts';
import type { Brand, Html, Page } from './layout.ts';

/** The two fields of a new password. */
const newPassword = (fault: string | undefined): Html => html`${field({
  label: 'New password',
  name: 'password',
  type: 'password',
  autocomplete: 'new-password',
  hint: 'At least 10 characters. A few words that do not belong together are easy to remember.',
  invalid: fault !== undefined,
})}
${field({
  label: 'The same again',
  name: 'confirmation',
  type: 'password',
  autocomplete: 'new-password',
  invalid: fault !== undefined,
})}`;

/** Tells password managers whose password it is. */
const whose = (username: string): Html =>
  html`<input type="text" name="username" value="${username}" autocomplete="username" readonly hidden>`;

/** The page behind a one-time link. */
export function setPasswordPage(given: {
  readonly brand: Brand;
  readonly target: FormTarget;
  readonly username: string;
  readonly fault?: string | undefined;
}): Page {
  const { brand, target, username, fault } = given;
  return {
    title: fault === undefined ? 'Set your password' : 'Error: Set your password',
    brand,
    main: html`<h1>Set your password</h1>
<p class="lead">For <strong>${username}</strong> at ${brand.name}.</p>
${problem(fault)}
${form(
  target,
  html`${whose(username)}
${newPassword(fault)}
<button>Set password</button>`,
)}`,
  };
}

/** What follows on it. */
export function passwordSetPage(brand: Brand, signInUrl: string): Page {
  return {
    title: 'Your password is set',
    brand,
    main: html`<h1>Your password is set</h1>
<p class="lead">Wherever you were signed in with another password, you are signed out.</p>
<a class="button" href="${signInUrl}">Sign in</a>`,
  };
}

/** A link that was used, replaced, or is too old: nobody is told which. */
export function linkOverPage(brand: Brand): Page {
  return {
    title: 'This link no longer works',
    brand,
    main: html`<h1>This link no longer works</h1>
<p class="lead">A link to set a password works once, and for 24 hours. Ask an administrator of ${brand.name} for another one.</p>`,
  };
}

/** The page on which somebody who is signed in changes their password. */
export function changePasswordPage(given: {
  readonly brand: Brand;
  readonly target: FormTarget;
  readonly username: string;
  readonly accountUrl: string;
  readonly problem?: { readonly of: 'current' | 'new'; readonly text: string } | undefined;
}): Page {
  const { brand, target, username, accountUrl } = given;
  return {
    title: given.problem === undefined ? 'Change your password' : 'Error: Change your password',
    brand,
    main: html`<h1>Change your password</h1>
<p class="lead">Everywhere else you will be signed out.</p>
${problem(given.problem?.text)}
${form(
  target,
  html`${whose(username)}
${field({
  label: 'Current password',
  name: 'current',
  type: 'password',
  autocomplete: 'current-password',
  invalid: given.problem?.of === 'current',
})}
${newPassword(given.problem?.of === 'new' ? given.problem.text : undefined)}
<button>Change password</button>`,
)}`,
    footer: html`<a href="${accountUrl}">Back to your account</a>`,
  };
}

/** What follows on it. */
export function passwordChangedPage(brand: Brand, accountUrl: string): Page {
  return {
    title: 'Your password is changed',
    brand,
    main: html`<h1>Your password is changed</h1>
<p class="lead">You are signed out everywhere else, and apps that act for you must ask you again.</p>
<a class="button" href="${accountUrl}">Back to your account</a>`,
  };
}
