import { html } from 'hono/html';
import { type FormTarget, field, form, problem } from './form.ts';
import type { Brand, Html, Page } from './layout.ts';

/** A provider of the tenant's that users may sign in with. */
export interface OfferedProvider {
  readonly name: string;
  readonly target: FormTarget;
}

export interface SignInPage {
  readonly brand: Brand;
  readonly target: FormTarget;
  /** The application that asked for it; absent where the user came by themself. */
  readonly application?: string | undefined;
  /** What stands in the field already. */
  readonly username?: string | undefined;
  readonly providers: readonly OfferedProvider[];
  /** Why the user is here again. */
  readonly problem?: string | undefined;
}

/** Where a user says who they are. */
export function signInPage({ brand, target, application, username, providers, problem: fault }: SignInPage): Page {
  const invalid = fault !== undefined;
  return {
    title: invalid ? 'Error: Sign in' : 'Sign in',
    brand,
    main: html`<h1>Sign in</h1>
<p class="lead">${application === undefined ? 'to your account' : html`to continue to <strong>${application}</strong>`}</p>
${problem(fault)}
${form(
  target,
  html`${field({
    label: 'Username',
    name: 'username',
    value: username,
    autocomplete: 'username',
    hint: 'Or the email address of your account',
    autofocus: username === undefined,
    invalid,
  })}
${field({
  label: 'Password',
  name: 'password',
  type: 'password',
  autocomplete: 'current-password',
  autofocus: username !== undefined,
  invalid,
})}
<button>Sign in</button>`,
)}
${providers.length === 0 ? '' : offered(providers)}`,
    footer: html`<p>Forgot your password? Your administrator can send you a link to set a new one.</p>`,
  };
}

function offered(providers: readonly OfferedProvider[]): Html {
  return html`<p class="or">or</p>
<div class="stack">
${providers.map(({ name, target }) => form(target, html`<button class="secondary">Continue with ${name}</button>`))}
</div>`;
}
