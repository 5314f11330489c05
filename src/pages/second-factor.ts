import { html } from 'hono/html';
import type { User } from '../entities/user.ts';
import { type FormTarget, field, form, problem } from './form.ts';
import type { Brand, Page } from './layout.ts';
import { passkeyForm } from './passkey-form.ts';
import { person } from './person.ts';

export interface SecondFactorPage {
  readonly brand: Brand;
  readonly user: Pick<User, 'name' | 'username'>;
  readonly target: FormTarget;
  readonly totp: boolean;
  /** What a passkey is asked for; absent where the user has none. */
  readonly passkey?: Readonly<Record<string, unknown>> | undefined;
  readonly problem?: string | undefined;
}

/** The second step of signing in. */
export function secondFactorPage({ brand, user, target, totp, passkey, problem: fault }: SecondFactorPage): Page {
  const invalid = fault !== undefined;
  return {
    title: invalid ? 'Error: Confirm it is you' : 'Confirm it is you',
    brand,
    ...(passkey && { script: 'passkey' as const }),
    main: html`<h1>Confirm it is you</h1>
${person(user)}
${problem(fault)}
${
  passkey === undefined
    ? ''
    : passkeyForm({
        target,
        ceremony: 'get',
        options: passkey,
        label: 'Use your passkey',
        after: html`<p class="or">or</p>`,
      })
}
${form(
  target,
  html`${field({
    label: totp ? 'Code' : 'Recovery code',
    name: 'code',
    autocomplete: 'one-time-code',
    hint: totp ? 'The six digits that your authenticator app shows, or a recovery code' : 'One of those you kept',
    autofocus: passkey === undefined,
    invalid,
  })}
<button${passkey === undefined ? '' : html` class="secondary"`}>Continue</button>`,
)}`,
    footer: html`<p>Lost both? Your administrator can take the second step away, so that you set it up again.</p>`,
  };
}
