import { html } from 'hono/html';
import type { Page } from './layout.ts';

/** What went wrong, in words for somebody who can do nothing about its cause. */
export interface Mishap {
  readonly title: string;
  readonly text: string;
  /** What support can find the request by. */
  readonly requestId?: string | undefined;
}

/** The page for everything that another page cannot say. */
export function errorPage({ title, text, requestId }: Mishap): Page {
  return {
    title,
    main: html`<h1>${title}</h1>
<p>${text}</p>
${requestId === undefined ? '' : html`<p class="quiet">Reference: <code>${requestId}</code></p>`}`,
  };
}
