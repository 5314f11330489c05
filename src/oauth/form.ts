import type { RequestSource } from '../entities/audit-event.ts';
import { BodyTooLarge, InvalidRequest } from './errors.ts';

/** What an endpoint is sent with a form, as far as the protocol reads it. The query of a POST is not among it. */
export interface FormRequest {
  /** The `Content-Type` header. */
  readonly contentType?: string | undefined;
  /** The `Authorization` header. */
  readonly authorization?: string | undefined;
  /** The value of each `DPoP` header. */
  readonly dpop?: readonly string[] | undefined;
  readonly body: string | null;
  /** Whether `body` is the base64 of what was sent. */
  readonly isBase64Encoded: boolean;
}

/** What a protocol endpoint is sent. */
export interface ProtocolRequest extends FormRequest {
  /** Where it came from. */
  readonly source: RequestSource;
}

/** The most that a body may hold, in bytes. */
const bodyLimit = 65_536;

/** RFC 8707 §2: the one parameter that may be given more than once. */
const repeatable = 'resource';

const noValues: readonly string[] = [];

/** The parameters of a request; one without a value counts as absent (RFC 6749 §3.2). */
export class Form {
  readonly #values: ReadonlyMap<string, readonly string[]>;
  constructor(values: ReadonlyMap<string, readonly string[]>) {
    this.#values = values;
  }
  /** The parameter's value, or undefined where it is absent. */
  get(name: string): string | undefined {
    return this.#values.get(name)?.[0];
  }
  /** Every value of a repeatable parameter. */
  all(name: typeof repeatable): readonly string[] {
    return this.#values.get(name) ?? noValues;
  }
  /** Every parameter with its values: what {@link formOfValues} reads again. */
  values(): Record<string, readonly string[]> {
    return Object.fromEntries(this.#values);
  }
  /** The same request without all but these parameters: what reads them can read no other. */
  only(names: readonly string[]): Form {
    return new Form(new Map([...this.#values].filter(([name]) => names.includes(name))));
  }
}

/**
 * Reads an `application/x-www-form-urlencoded` body (RFC 6749 appendix B).
 *
 * @throws InvalidRequest where it is another content type, is not UTF-8 or repeats a parameter
 * @throws BodyTooLarge above 65,536 bytes
 */
export function parseForm(request: FormRequest): Form {
  if (!isForm(request.contentType)) throw new InvalidRequest('not application/x-www-form-urlencoded');
  const values = new Map<string, string[]>();
  const seen = new Set<string>();
  for (const pair of textOf(request).split('&')) {
    if (pair === '') continue;
    const at = pair.indexOf('=');
    const name = decode(at === -1 ? pair : pair.slice(0, at));
    const value = at === -1 ? '' : decode(pair.slice(at + 1));
    if (seen.has(name) && name !== repeatable) throw new InvalidRequest('a parameter is repeated');
    seen.add(name);
    if (value === '') continue;
    const others = values.get(name);
    if (others === undefined) values.set(name, [value]);
    else others.push(value);
  }
  return new Form(values);
}

/**
 * The parameters of a query, or those that were kept of a request.
 *
 * @param values each parameter's, decoded
 * @throws InvalidRequest where a parameter is repeated, or what was sent was not UTF-8
 */
export function formOfValues(values: Readonly<Record<string, readonly string[] | undefined>>): Form {
  const kept = new Map<string, readonly string[]>();
  for (const [name, given = []] of Object.entries(values)) {
    if (given.length > 1 && name !== repeatable) throw new InvalidRequest('a parameter is repeated');
    if (given.some((value) => value.includes('\uFFFD'))) throw new InvalidRequest('the query is not UTF-8');
    const present = given.filter((value) => value !== '');
    if (present.length > 0) kept.set(name, present);
  }
  return new Form(kept);
}

const formType = /^application\/x-www-form-urlencoded[\t ]*(?:;[\t ]*(?:charset[\t ]*=[\t ]*"?utf-8"?[\t ]*)?)?$/i;

/** Whether a `Content-Type` header says `application/x-www-form-urlencoded`. */
export function isForm(contentType: string | undefined): boolean {
  return contentType !== undefined && formType.test(contentType);
}

function textOf({ body, isBase64Encoded }: FormRequest): string {
  if (body === null) return '';
  // Base64 is four characters for three bytes; what is over the limit is not decoded first.
  if (body.length > (isBase64Encoded ? (bodyLimit / 3) * 4 + 4 : bodyLimit)) throw new BodyTooLarge('body over 64 kB');
  const text = isBase64Encoded ? utf8Of(Buffer.from(body, 'base64')) : body;
  if (Buffer.byteLength(text) > bodyLimit) throw new BodyTooLarge('body over 64 kB');
  // API Gateway has put U+FFFD in the place of what was not UTF-8: what was sent cannot be known any more.
  if (text.includes('\uFFFD')) throw new InvalidRequest('the body is not UTF-8');
  return text;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function utf8Of(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new InvalidRequest('the body is not UTF-8');
  }
}

function decode(text: string): string {
  const decoded = formUrlDecode(text);
  if (decoded === undefined) throw new InvalidRequest('a percent-encoding is broken or not UTF-8');
  return decoded;
}

const encoded = /[%+]/;

/** `application/x-www-form-urlencoded` decoding, or undefined where the text is no such encoding of UTF-8. */
export function formUrlDecode(text: string): string | undefined {
  if (!encoded.test(text)) return text;
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}
