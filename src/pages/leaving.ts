import { html } from 'hono/html';
import { form } from './form.ts';
import type { Brand, Page } from './layout.ts';

/**
 * The page between ours and another site's, for as long as that takes to load.
 *
 * @param provider where somebody signs in elsewhere; absent where the browser goes back to the application
 */
export function leavingPage(url: string, brand: Brand | undefined, provider?: string): Page {
  return {
    title: 'One moment',
    brand,
    goesTo: url,
    main: html`<h1>One moment</h1>
<p class="lead">${
      provider === undefined
        ? 'You are being taken back to the application. You may close this window once it has opened.'
        : html`You are being taken to <strong>${provider}</strong>.`
    }</p>
<a class="button" href="${url}">Continue</a>`,
  };
}

/** The page that posts an answer to a client (OAuth 2.0 Form Post Response Mode §2), with a button for want of scripts. */
export function postingPage(
  { action, fields }: { readonly action: string; readonly fields: Readonly<Record<string, string>> },
  brand: Brand | undefined,
): Page {
  return {
    title: 'One moment',
    brand,
    script: 'submit',
    main: html`<h1>One moment</h1>
<p class="lead">You are being taken back to the application.</p>
${form({ action, hidden: fields }, html`<button>Continue</button>`)}`,
  };
}
