/**
 * What an operation can refuse, in the product's own words; endpoints translate it into the contract's answers. Each
 * spells its name out for the log: a minified class has lost it.
 */

/** No such object in the caller's tenant. */
export class NotFound extends Error {
  override readonly name = 'NotFound';
}

/** The state of the data does not allow the change; `detail` is public. */
export class Conflict extends Error {
  override readonly name = 'Conflict';
  readonly detail: string;
  constructor(detail: string) {
    super(detail);
    this.detail = detail;
  }
}

/** What was to be decided on does not wait for that decision; whoever decided before is named where somebody did. */
export class AlreadyDecided extends Conflict {
  readonly decidedBy: string | undefined;
  constructor(detail: string, decidedBy: string | undefined) {
    super(detail);
    this.decidedBy = decidedBy;
  }
}

/** Somebody else changed the object between read and write: read again and decide again. */
export class ConcurrentChange extends Error {
  override readonly name = 'ConcurrentChange';
}

/** The caller does not hold what the change would hand on (403 with `missing_rights`). */
export class MissingRights extends Error {
  override readonly name = 'MissingRights';
  readonly rights: readonly string[];
  constructor(rights: readonly string[]) {
    super(`missing ${rights.join(' ')}`);
    this.rights = rights;
  }
}

/** The operation is not allowed here whatever the rights; `detail` is public. */
export class Forbidden extends Error {
  override readonly name = 'Forbidden';
  readonly detail: string;
  constructor(detail: string) {
    super(detail);
    this.detail = detail;
  }
}

/** One fault of the input; `pointer` is a JSON pointer into the body (RFC 6901), or the name of a parameter. */
export interface Fault {
  readonly pointer: string;
  readonly detail: string;
}

/** Input that does not validate (400). */
export class InvalidInput extends Error {
  override readonly name = 'InvalidInput';
  readonly faults: readonly Fault[];
  constructor(faults: readonly Fault[]) {
    super(faults.map((fault) => `${fault.pointer} ${fault.detail}`).join('; '));
    this.faults = faults;
  }
}

/** A service behind us throttles, fails or does not answer: the caller may try again (503). Nothing was changed. */
export class DependencyUnavailable extends Error {
  override readonly name = 'DependencyUnavailable';
  constructor(cause: unknown) {
    super('a dependency is unavailable', { cause });
  }
}
