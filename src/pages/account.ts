import { html } from 'hono/html';
import type { Holdings } from '../entities/holdings.ts';
import type { User } from '../entities/user.ts';
import { deviceOf } from './device-name.ts';
import { type FormTarget, form } from './form.ts';
import type { Brand, Html, Page } from './layout.ts';
import { person } from './person.ts';
import { rightsList, scopesList } from './rights-list.ts';

export interface ShownSession {
  readonly id: string;
  readonly userAgent?: string | undefined;
  readonly address?: string | undefined;
  /** ISO 8601. */
  readonly authenticatedAt: string;
  readonly current: boolean;
  readonly end: FormTarget;
}

export interface ShownConsent {
  readonly clientId: string;
  /** Absent where the integration is gone. */
  readonly name?: string | undefined;
  readonly scopes: readonly string[];
  readonly rights: Holdings;
  readonly updatedAt: string;
  readonly withdraw: FormTarget;
}

export interface AccountPage {
  readonly brand: Brand;
  readonly user: Pick<User, 'name' | 'username' | 'email'>;
  readonly sessions: readonly ShownSession[];
  readonly consents: readonly ShownConsent[];
  /** The next page of consents, where there is one. */
  readonly moreConsents?: string | undefined;
  readonly links: { readonly password: string; readonly secondFactors: string; readonly linkedAccounts: string };
  readonly signOut: FormTarget;
}

/** Where users see where they are signed in and what acts for them, and end it. */
export function accountPage({ brand, user, sessions, consents, moreConsents, links, signOut }: AccountPage): Page {
  return {
    title: 'Your account',
    brand,
    wide: true,
    main: html`<h1>Your account</h1>
${person({ ...user, username: `${user.username} · ${user.email}` }, form(signOut, html`<button class="secondary small">Sign out</button>`))}
<nav aria-label="Account"><ul>
<li><a href="${links.password}">Change password</a></li>
<li><a href="${links.secondFactors}">Two-step sign-in</a></li>
<li><a href="${links.linkedAccounts}">Linked accounts</a></li>
</ul></nav>
<h2 id="sessions">Where you are signed in</h2>
<ul class="plain" aria-labelledby="sessions">
${sessions.map(sessionItem)}
</ul>
<h2 id="applications">Applications that act for you</h2>
${consents.length === 0 ? html`<p class="quiet">You have not allowed any application yet.</p>` : ''}
${consents.length === 0 ? '' : html`<ul class="plain" aria-labelledby="applications">${consents.map(consentItem)}</ul>`}
${moreConsents === undefined ? '' : html`<p><a href="${moreConsents}">More applications</a></p>`}`,
  };
}

function sessionItem({ id, userAgent, address, authenticatedAt, current, end }: ShownSession): Html {
  const device = deviceOf(userAgent);
  return html`<li>
<div class="grow"><strong id="${id}">${device}${current ? html`<span class="tag">this browser</span>` : ''}</strong>
<span class="quiet">${address === undefined ? '' : `${address} · `}signed in ${moment(authenticatedAt)}</span></div>
${current ? '' : form(end, html`<button class="secondary small" aria-describedby="${id}">Sign out there</button>`)}
</li>`;
}

function consentItem({ clientId, name, scopes, rights, updatedAt, withdraw }: ShownConsent): Html {
  return html`<li>
<div class="grow"><strong id="${clientId}">${name ?? 'An application that is gone'}</strong>
<span class="quiet">allowed ${moment(updatedAt)}</span>
<details><summary>What it may do</summary>
${scopesList(scopes)}
${rightsList(rights, [])}
</details></div>
${form(withdraw, html`<button class="secondary small danger" aria-describedby="${clientId}">Withdraw</button>`)}
</li>`;
}

/** A time that everybody reads alike, whatever language and zone their browser has. */
function moment(timestamp: string): Html {
  return html`<time datetime="${timestamp}">${timestamp.slice(0, 10)}, ${timestamp.slice(11, 16)} UTC</time>`;
}
