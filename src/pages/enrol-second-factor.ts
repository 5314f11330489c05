import { html, raw } from 'hono/html';
import { renderSVG } from 'uqr';
import { type FormTarget, field, form, problem } from './form.ts';
import type { Brand, Page } from './layout.ts';
import { passkeyForm } from './passkey-form.ts';

/** Where a user chooses what the second step is to be. */
export function enrolSecondFactorPage(given: {
  readonly brand: Brand;
  readonly authenticatorUrl: string;
  readonly target: FormTarget;
  readonly passkey: Readonly<Record<string, unknown>>;
  readonly required: boolean;
  readonly problem?: string | undefined;
}): Page {
  const { brand, authenticatorUrl, target, passkey, required } = given;
  return {
    title: 'Set up two-step sign-in',
    brand,
    script: 'passkey',
    main: html`<h1>Set up two-step sign-in</h1>
<p class="lead">${required ? `${brand.name} asks for a second step besides your password.` : 'A second step besides your password keeps your account yours, even if somebody learns the password.'}</p>
${problem(given.problem)}
<div class="stack">
<a class="button" href="${authenticatorUrl}">Use an authenticator app</a>
${passkeyForm({ target, ceremony: 'create', options: passkey, label: 'Use a passkey or a security key', secondary: true })}
</div>`,
  };
}

/** Where an authenticator app is told its secret, and shows that it knows it. */
export function authenticatorPage(given: {
  readonly brand: Brand;
  readonly target: FormTarget;
  /** `otpauth:…` */
  readonly uri: string;
  readonly secret: string;
  readonly problem?: string | undefined;
}): Page {
  const { brand, target, uri, secret } = given;
  const invalid = given.problem !== undefined;
  return {
    title: invalid ? 'Error: Set up your app' : 'Set up your app',
    brand,
    main: html`<h1>Set up your app</h1>
<p class="lead">Scan this with your authenticator app, then enter the code that it shows.</p>
<div class="qr" role="img" aria-label="QR code for your authenticator app">${raw(renderSVG(uri, { border: 2 }))}</div>
<details><summary>Enter it by hand instead</summary>
<p>Key: <code>${secret.replaceAll(/(.{4})(?=.)/g, '$1 ')}</code><br>Type: time-based, six digits</p></details>
${problem(given.problem)}
${form(
  target,
  html`${field({
    label: 'Code',
    name: 'code',
    autocomplete: 'one-time-code',
    inputMode: 'numeric',
    hint: 'The six digits that the app shows',
    invalid,
  })}
<button>Continue</button>`,
)}`,
  };
}

/** The recovery codes, which are shown this once. */
export function recoveryCodesPage(given: {
  readonly brand: Brand;
  readonly codes: readonly string[];
  readonly next: { readonly url: string; readonly label: string };
}): Page {
  const { brand, codes, next } = given;
  return {
    title: 'Keep your recovery codes',
    brand,
    main: html`<h1>Keep your recovery codes</h1>
<p class="lead">Each lets you in once where you have neither your app nor your passkey. They are shown only now: print them, or keep them in a password manager.</p>
<ul class="codes">
${codes.map((code) => html`<li><code>${code}</code></li>`)}
</ul>
<a class="button" href="${next.url}">${next.label}</a>`,
  };
}
