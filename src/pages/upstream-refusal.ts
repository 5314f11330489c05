import { html } from 'hono/html';
import type { Brand, Page } from './layout.ts';

/** Why nobody was signed in through a provider, and what to do about it. */
const texts = {
  unavailable: {
    title: 'That sign-in is not available',
    text: 'The provider cannot be used at the moment. Try again later, or sign in another way.',
  },
  declined: {
    title: 'You were not signed in',
    text: 'The provider did not sign you in, or you said no there.',
  },
  'not valid': {
    title: 'You were not signed in',
    text: "The provider's answer could not be verified. Nothing was changed; start again.",
  },
  unknown: {
    title: 'No account is linked',
    text: 'Nobody here is linked to this account of yours. Sign in with your username and link it in your account, or ask your administrator to.',
  },
  email: {
    title: 'This account cannot be used here',
    text: 'New users need an email address that the provider has verified, of an organization that is let in. Ask your administrator for an account.',
  },
  'email taken': {
    title: 'You have an account already',
    text: 'An account with this email address exists. Sign in with its username and password, then link the provider in your account, or ask your administrator to.',
  },
  disabled: {
    title: 'You cannot sign in',
    text: 'Your account is disabled. Ask your administrator.',
  },
  'linked to another': {
    title: 'It is linked to another user',
    text: 'This account of the provider belongs to another user here. Nothing was changed.',
  },
} as const;

export interface UpstreamRefusalPage {
  readonly brand: Brand;
  readonly refusal: keyof typeof texts;
  /** What the provider is called; absent where nobody knows. */
  readonly provider?: string | undefined;
  /** Where to try again, or another way. */
  readonly back: { readonly url: string; readonly text: string };
}

/** The page for somebody who came back from a provider in vain. */
export function upstreamRefusalPage({ brand, refusal, provider, back }: UpstreamRefusalPage): Page {
  const { title, text } = texts[refusal];
  return {
    title,
    brand,
    main: html`<h1>${title}</h1>
${provider === undefined ? '' : html`<p class="lead">with <strong>${provider}</strong></p>`}
<p>${text}</p>
<a class="button" href="${back.url}">${back.text}</a>`,
  };
}
