import { html } from 'hono/html';
import type { Html } from './layout.ts';

/** Where a form of ours goes, with what proves that this browser was given it. */
export interface FormTarget {
  readonly action: string;
  /** Hidden fields by name. */
  readonly hidden: Readonly<Record<string, string>>;
}

/** A form that is posted to one of our pages. */
export function form({ action, hidden }: FormTarget, content: Html): Html {
  return html`<form method="post" action="${action}">
${Object.entries(hidden).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}
${content}
</form>`;
}

/** What was wrong, read out at once; fields name it by `aria-describedby="problem"`. */
export function problem(text: string | undefined): Html {
  return text === undefined ? html`` : html`<p class="problem" id="problem" role="alert">${text}</p>`;
}

export interface Field {
  readonly label: string;
  readonly name: string;
  readonly type?: 'text' | 'password' | undefined;
  readonly value?: string | undefined;
  /** What browsers and password managers may fill in (HTML §4.10.18.7). */
  readonly autocomplete: string;
  readonly inputMode?: 'numeric' | undefined;
  readonly hint?: string | undefined;
  readonly autofocus?: boolean | undefined;
  /** Whether the problem shown is this field's. */
  readonly invalid?: boolean | undefined;
}

/** A field with its label above it. */
export function field(given: Field): Html {
  const {
    label,
    name,
    type = 'text',
    value,
    autocomplete,
    inputMode,
    hint,
    autofocus = false,
    invalid = false,
  } = given;
  const described = [...(invalid ? ['problem'] : []), ...(hint === undefined ? [] : [`${name}-hint`])].join(' ');
  return html`<p class="field">
<label for="${name}">${label}</label>
<input id="${name}" name="${name}" type="${type}" autocomplete="${autocomplete}" required
  autocapitalize="none" spellcheck="false"${attribute('inputmode', inputMode)}${attribute('value', value)}${attribute('aria-describedby', described === '' ? undefined : described)}${attribute('aria-invalid', invalid ? 'true' : undefined)}${flag('autofocus', autofocus)}>
${hint === undefined ? '' : html`<span class="hint" id="${name}-hint">${hint}</span>`}
</p>`;
}

const attribute = (name: string, value: string | undefined): Html =>
  value === undefined ? html`` : html` ${name}="${value}"`;

const flag = (name: string, set: boolean): Html => (set ? html` ${name}` : html``);
