import { html } from 'hono/html';
import type { Holdings } from '../entities/holdings.ts';
import type { User } from '../entities/user.ts';
import { type FormTarget, form, problem } from './form.ts';
import type { Brand, Html, Page } from './layout.ts';
import { person } from './person.ts';
import { type NamedProject, rightsList, scopesList } from './rights-list.ts';

export interface ConsentPage {
  readonly brand: Brand;
  readonly target: FormTarget;
  readonly user: Pick<User, 'name' | 'username'>;
  readonly application: { readonly name: string; readonly description?: string | undefined };
  readonly scopes: readonly string[];
  readonly rights: Holdings;
  /** Those that rights are limited to, with their names. */
  readonly projects: readonly NamedProject[];
  /** Where the browser goes with the answer: a host, or what an app of this machine answers to. */
  readonly destination: string;
  /** Whether an app of this machine is answered, which any other may pretend to be (RFC 8252 §8.6). */
  readonly onThisDevice: boolean;
  /** Where another account can be chosen. */
  readonly otherAccount: string;
  readonly problem?: string | undefined;
}

/** Where a user agrees to what an application may do for them. */
export function consentPage(given: ConsentPage): Page {
  const { brand, target, user, application, scopes, rights, projects } = given;
  return {
    title: `Allow ${application.name}?`,
    brand,
    main: html`<h1>Allow ${application.name} to act for you?</h1>
${application.description === undefined ? '' : html`<p class="lead">${application.description}</p>`}
${person(user, html`<a class="quiet" href="${given.otherAccount}">Not you?</a>`)}
${problem(given.problem)}
<h2>${application.name} will be able to</h2>
${scopesList(scopes)}
${rightsList(rights, projects)}
<p class="quiet">${afterwards(given)} You can withdraw this at any time on your account page.</p>
${form(
  target,
  html`<div class="buttons">
<button class="secondary" name="decision" value="deny">Deny</button>
<button name="decision" value="allow">Allow</button>
</div>`,
)}`,
  };
}

function afterwards({ destination, onThisDevice }: ConsentPage): Html {
  return onThisDevice
    ? html`It runs on this device: allow it only if you have just started it yourself.`
    : html`You will go back to <strong>${destination}</strong>.`;
}
