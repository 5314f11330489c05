import { html } from 'hono/html';
import { type FormTarget, form, problem } from './form.ts';
import type { Brand, Html, Page } from './layout.ts';

export interface AccountSecondFactorPage {
  readonly brand: Brand;
  readonly target: FormTarget;
  /** ISO 8601; absent where no app is set up. */
  readonly totpSince?: string | undefined;
  readonly passkeys: readonly { readonly id: string; readonly createdAt: string }[];
  readonly recoveryCodes: number;
  readonly accountUrl: string;
  readonly problem?: string | undefined;
}

/** Where somebody who is signed in sees, adds and removes second factors. */
export function accountSecondFactorPage(given: AccountSecondFactorPage): Page {
  const { brand, target, totpSince, passkeys, recoveryCodes, accountUrl } = given;
  const none = totpSince === undefined && passkeys.length === 0;
  const button = (fields: Readonly<Record<string, string>>, content: Html) =>
    form({ ...target, hidden: { ...target.hidden, ...fields } }, content);
  const item = (id: string, what: string, since: string, fields: Readonly<Record<string, string>>) => html`<li>
<div class="grow"><strong id="${id}">${what}</strong><span class="quiet">since <time datetime="${since}">${since.slice(0, 10)}</time></span></div>
${button(fields, html`<button class="secondary small danger" aria-describedby="${id}">Remove</button>`)}
</li>`;
  return {
    title: 'Two-step sign-in',
    brand,
    wide: true,
    main: html`<h1>Two-step sign-in</h1>
${problem(given.problem)}
${
  none
    ? html`<p class="lead">Your password alone signs you in. A second step keeps your account yours, even if somebody learns the password.</p>`
    : html`<p class="lead">Signing in takes your password and one of these.</p>
<ul class="plain">
${totpSince === undefined ? '' : item('totp', 'Authenticator app', totpSince, { action: 'remove', factor: 'totp' })}
${passkeys.map(({ id, createdAt }, at) => item(`passkey-${at}`, 'Passkey', createdAt, { action: 'remove', factor: id }))}
</ul>`
}
${button({ action: 'add' }, html`<button>${none ? 'Set up' : 'Add another'}</button>`)}
${
  none
    ? ''
    : html`<h2>Recovery codes</h2>
<p>${recoveryCodes} left. Each lets you in once where you have neither your app nor your passkey.</p>
${button({ action: 'codes' }, html`<button class="secondary">Make new ones</button>`)}`
}`,
    footer: html`<a href="${accountUrl}">Back to your account</a>`,
  };
}
