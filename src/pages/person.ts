import { html } from 'hono/html';
import type { User } from '../entities/user.ts';
import type { Html } from './layout.ts';

/** Who is signed in, as a page shows it; `aside` stands beside it. */
export function person({ name, username }: Pick<User, 'name' | 'username'>, aside: Html = html``): Html {
  return html`<div class="person">
<span class="avatar" aria-hidden="true">${[...name][0]?.toUpperCase() ?? ''}</span>
<span class="grow"><strong>${name}</strong><span class="quiet">${username}</span></span>
${aside}
</div>`;
}
