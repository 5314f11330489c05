import { InvalidInput } from '../../src/entities/errors.ts';
import { PreconditionFailed, PreconditionRequired } from './http-errors.ts';

/** `opaque-tag` and its list, each perhaps weak (RFC 9110 §8.8.3, §13.1.1). */
const tag = /(?:W\/)?"[\x21\x23-\x7E\x80-\u{10FFFF}]*"/u;
const ifMatchForm = new RegExp(String.raw`^\s*(?:\*|${tag.source}(?:\s*,\s*${tag.source})*)\s*$`, 'u');

/** The strong entity tag of an object's version (RFC 9110 §8.8.1): each version has one representation. */
export function entityTag(version: number): string {
  return `"${version}"`;
}

/**
 * The check of `If-Match` on a version (RFC 9110 §13.1.1): `*` is every version; tags are compared strongly, so that a
 * weak one is none.
 *
 * @returns a function that throws {@link PreconditionFailed} for a version that the header does not name
 * @throws PreconditionRequired where the header is absent, InvalidInput where it is no list of tags
 */
export function requiredMatch(ifMatch: string | undefined): (version: number) => void {
  if (ifMatch === undefined) throw new PreconditionRequired();
  if (!ifMatchForm.test(ifMatch))
    throw new InvalidInput([{ pointer: 'If-Match', detail: 'must be a list of entity tags, such as "1"' }]);
  const tags: readonly string[] = ifMatch.match(new RegExp(tag, 'gu')) ?? [];
  return (version) => {
    if (ifMatch.trim() !== '*' && !tags.includes(entityTag(version))) throw new PreconditionFailed();
  };
}
