import { html } from 'hono/html';
import { type FormTarget, form, problem } from './form.ts';
import type { Brand, Html, Page } from './layout.ts';

export interface ShownLink {
  readonly id: string;
  /** What the provider is called; absent where it is gone. */
  readonly provider?: string | undefined;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly remove: FormTarget;
}

export interface LinkedAccountsPage {
  readonly brand: Brand;
  readonly links: readonly ShownLink[];
  /** Providers that the user is not linked to yet. */
  readonly offered: readonly { readonly name: string; readonly target: FormTarget }[];
  readonly accountUrl: string;
  readonly problem?: string | undefined;
}

/** Where users see which providers sign them in, and link and unlink them. */
export function linkedAccountsPage(given: LinkedAccountsPage): Page {
  const { brand, links, offered, accountUrl } = given;
  return {
    title: given.problem === undefined ? 'Linked accounts' : 'Error: Linked accounts',
    brand,
    wide: true,
    main: html`<h1>Linked accounts</h1>
${problem(given.problem)}
<p class="lead">An account that is linked signs you in here.</p>
${links.length === 0 ? html`<p class="quiet">You have not linked any account yet.</p>` : ''}
<ul class="plain">
${links.map(item)}
</ul>
${offered.length === 0 ? '' : html`<h2>Link another</h2>`}
<div class="stack">
${offered.map(({ name, target }) => form(target, html`<button class="secondary">Link ${name}</button>`))}
</div>`,
    footer: html`<a href="${accountUrl}">Back to your account</a>`,
  };
}

function item({ id, provider, createdAt, remove }: ShownLink): Html {
  return html`<li>
<div class="grow"><strong id="${id}">${provider ?? 'A provider that is gone'}</strong>
<span class="quiet">linked <time datetime="${createdAt}">${createdAt.slice(0, 10)}</time></span></div>
${form(remove, html`<button class="secondary small danger" aria-describedby="${id}">Remove</button>`)}
</li>`;
}
