import { html } from 'hono/html';
import { type FormTarget, form } from './form.ts';
import type { Html } from './layout.ts';

export interface PasskeyForm {
  readonly target: FormTarget;
  readonly ceremony: 'create' | 'get';
  /** What the browser asks an authenticator for. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly label: string;
  readonly secondary?: boolean | undefined;
  /** What follows on it where there is one. */
  readonly after?: Html | undefined;
}

/** A form that a passkey answers; hidden until the page's script finds that the browser can. */
export function passkeyForm({
  target,
  ceremony,
  options,
  label,
  secondary = false,
  after = html``,
}: PasskeyForm): Html {
  return html`<div data-passkey hidden>
${form(
  target,
  html`<input type="hidden" name="response" value="">
<p class="problem" role="alert" data-problem hidden>That did not work. Try again, or use another way.</p>
<button${secondary ? html` class="secondary"` : ''} data-ceremony="${ceremony}" data-options="${JSON.stringify(options)}">${label}</button>`,
)}
${after}
</div>`;
}
