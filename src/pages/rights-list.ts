import { html } from 'hono/html';
import { isRight, rightNames, rightOf } from '../api/rights.ts';
import type { Holdings } from '../entities/holdings.ts';
import type { Html } from './layout.ts';

/** A project as people know it. */
export interface NamedProject {
  readonly key: string;
  readonly name: string;
}

/** Rights in the words of the catalogue, and for which projects, under the catalogue's categories. */
export function rightsList(rights: Holdings, projects: readonly NamedProject[]): Html {
  const held = [...new Set([rights.global, ...Object.values(rights.byProject)].flat())].filter(isRight);
  const inOrder = rightNames.filter((name) => held.includes(name));
  const categories = Map.groupBy(inOrder, (name) => rightOf(name).category);
  return html`${[...categories].map(
    ([category, names]) => html`<h3>${category}</h3>
<ul class="rights">
${names.map((name) => html`<li>${rightOf(name).title} ${placesOf(name, rights, projects)}</li>`)}
</ul>`,
  )}`;
}

/** Where a right holds; one of the whole tenant needs no word. */
function placesOf(name: string, { global, byProject }: Holdings, projects: readonly NamedProject[]): Html {
  if (!isRight(name) || rightOf(name).level === 'global') return html``;
  if (global.includes(name)) return html`<span class="quiet">in all projects that you may see</span>`;
  const keys = Object.keys(byProject).filter((key) => byProject[key]?.includes(name));
  const named = keys.map((key) => {
    const found = projects.find((project) => project.key === key);
    return found === undefined ? key : `${found.name} (${key})`;
  });
  return html`<span class="quiet">in ${named.join(', ')}</span>`;
}

const scopeTexts: Readonly<Record<string, string>> = {
  openid: 'Sign you in, and recognize you when you come back',
  profile: 'See your name and username',
  email: 'See your email address',
  offline_access: 'Keep this access while you are away, until you withdraw it',
};

/** What OpenID Connect's scopes mean (OIDC Core §5.4, §11), in words. */
export function scopesList(scopes: readonly string[]): Html {
  const known = Object.keys(scopeTexts).filter((scope) => scopes.includes(scope));
  return known.length === 0
    ? html``
    : html`<ul class="rights">${known.map((scope) => html`<li>${scopeTexts[scope]}</li>`)}</ul>`;
}
