import { html } from 'hono/html';
import type { Brand, Page } from './layout.ts';

/** What is left to say after a sign-out. */
export function signedOutPage(brand: Brand, signInAgain: string): Page {
  return {
    title: 'Signed out',
    brand,
    main: html`<h1>You are signed out</h1>
<p class="lead">Nobody can use your account from this browser any more.</p>
<a class="button secondary" href="${signInAgain}">Sign in again</a>`,
  };
}
