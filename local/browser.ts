import { type HTMLElement, parse } from 'node-html-parser';

/** A page as it was answered. */
export interface Page {
  readonly url: string;
  readonly status: number;
  readonly headers: Headers;
  readonly document: HTMLElement;
}

/** What is typed into a form's fields, by name; a value for a button's name presses that button. */
export type Typed = Readonly<Record<string, string>>;

const redirectsAtMost = 10;

/**
 * The first form of a page that has all the fields that are typed: where it is sent, and with what.
 *
 * @throws Error where the page has no such form
 */
export function filledIn(
  { document, url }: Page,
  typed: Typed,
): { readonly url: string; readonly body: URLSearchParams } {
  const form = document
    .querySelectorAll('form')
    .find((candidate) => Object.keys(typed).every((name) => candidate.querySelector(`[name="${name}"]`) !== null));
  if (form === undefined)
    throw new Error(`no form with ${Object.keys(typed).join(', ')} at ${url}: ${textOf(document)}`);
  const body = new URLSearchParams();
  for (const field of form.querySelectorAll('input')) {
    const name = field.getAttribute('name');
    if (name !== undefined && field.getAttribute('type') === 'hidden')
      body.set(name, field.getAttribute('value') ?? '');
  }
  for (const [name, value] of Object.entries(typed)) body.set(name, value);
  return { url: new URL(form.getAttribute('action') ?? '', url).href, body };
}

/**
 * A browser without JavaScript, for pages of a deployment on this machine: keeps cookies, follows redirects to its origin
 * and submits forms. One that leads elsewhere is answered as it is (`status` 302 or 303, `location`), not followed.
 */
export class Browser {
  readonly #cookies = new Map<string, string>();

  /** The cookies it holds, by name. */
  get cookies(): ReadonlyMap<string, string> {
    return this.#cookies;
  }

  /** The cookies as a request sends them. */
  get cookieHeader(): string {
    return [...this.#cookies].map((pair) => pair.join('=')).join('; ');
  }

  /** Opens an address. */
  open(url: string): Promise<Page> {
    return this.#request(url, undefined);
  }

  /** Submits a form of a page, {@link filledIn}. */
  submit(page: Page, typed: Typed = {}): Promise<Page> {
    const { url, body } = filledIn(page, typed);
    return this.#request(url, body);
  }

  async #request(url: string, body: URLSearchParams | undefined): Promise<Page> {
    let [address, sent] = [url, body];
    for (let followed = 0; ; followed++) {
      const response = await fetch(address, {
        method: sent === undefined ? 'GET' : 'POST',
        redirect: 'manual',
        headers: {
          ...(this.#cookies.size > 0 && { cookie: this.cookieHeader }),
          ...(sent !== undefined && { origin: new URL(address).origin }),
        },
        ...(sent !== undefined && { body: sent }),
      });
      for (const line of response.headers.getSetCookie()) this.#keep(line);
      const location = response.headers.get('location');
      const next = location === null ? undefined : new URL(location, address);
      if (next === undefined || next.origin !== new URL(url).origin || followed === redirectsAtMost) {
        return {
          url: address,
          status: response.status,
          headers: response.headers,
          document: parse(await response.text()),
        };
      }
      await response.body?.cancel();
      [address, sent] = [next.href, undefined];
    }
  }

  #keep(line: string): void {
    const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
    const [name = '', ...value] = pair.split('=');
    if (attributes.some((attribute) => /^max-age=0$/i.test(attribute))) this.#cookies.delete(name);
    else this.#cookies.set(name, value.join('='));
  }
}

const textOf = (document: HTMLElement): string => document.structuredText.slice(0, 300).replaceAll('\n', ' ');
