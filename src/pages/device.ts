import { html } from 'hono/html';
import { type Agreement, description, question, whoIsAsked } from './agreement.ts';
import { type FormTarget, field, form, problem } from './form.ts';
import type { Brand, Page } from './layout.ts';

export interface DeviceCodePage {
  readonly target: FormTarget;
  /** As it was typed, or came in the link that the device shows. */
  readonly userCode?: string | undefined;
  readonly problem?: string | undefined;
}

/** Where somebody types the code that their device shows (RFC 8628 §3.3). */
export function deviceCodePage({ target, userCode, problem: wrong }: DeviceCodePage): Page {
  return {
    title: 'Connect a device',
    main: html`<h1>Connect a device</h1>
<p class="lead">Type the code that your device shows. Continue only with a code from a device in front of you: nobody else
needs you to type one.</p>
${problem(wrong)}
${form(
  target,
  html`${field({
    label: 'Code',
    name: 'user_code',
    value: userCode,
    autocomplete: 'off',
    hint: 'Eight letters, such as WDJB-MJHT',
    autofocus: true,
    invalid: wrong !== undefined,
  })}
<button>Continue</button>`,
)}`,
  };
}

export interface DeviceConfirmationPage extends Agreement {
  /** As the device shows it. */
  readonly userCode: string;
}

/** Where a user allows a device that they see before them, and none that somebody else holds (RFC 8628 §5.4). */
export function deviceConfirmationPage(given: DeviceConfirmationPage): Page {
  const { brand, application } = given;
  return {
    title: `Connect ${application.name}?`,
    brand,
    main: html`<h1>Connect ${application.name} on your device?</h1>
${description(given)}
${problem(given.problem)}
<p class="problem"><strong>Only continue if you started this yourself</strong>, on a device that shows the code
<strong class="code">${given.userCode}</strong>. Whoever sent you a code or a link to this page would get your access.</p>
${whoIsAsked(given)}
${question(given, '')}`,
  };
}

/** What became of the device. */
export type DeviceOutcome = 'allowed' | 'denied' | 'nothing-to-give' | 'over';

const outcomes: Readonly<Record<DeviceOutcome, readonly [heading: string, text: string]>> = {
  allowed: ['Your device is connected', 'It goes on by itself in a moment. You may close this page.'],
  denied: ['Your device is not connected', 'It was given nothing. You may close this page.'],
  'nothing-to-give': [
    'Your device cannot be connected',
    'You hold none of what it asks for. Somebody who administers your organization can say why.',
  ],
  over: [
    'This code is over',
    'It has run out or was used. Start again on your device, and type the code that it shows then.',
  ],
};

/** The last page that a device's user sees. */
export function deviceOutcomePage(outcome: DeviceOutcome, brand: Brand | undefined): Page {
  const [heading, text] = outcomes[outcome];
  return {
    title: heading,
    brand,
    main: html`<h1>${heading}</h1>
<p class="lead">${text}</p>`,
  };
}
