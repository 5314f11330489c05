/** Refusals that only HTTP knows. */

/** A body over the contract's 64 kB (413). */
export class PayloadTooLarge extends Error {
  override readonly name = 'PayloadTooLarge';
}

/** A body that is not `application/json` (415). */
export class UnsupportedMediaType extends Error {
  override readonly name = 'UnsupportedMediaType';
}

/** A change that needs `If-Match` came without it (428, RFC 6585 §3). */
export class PreconditionRequired extends Error {
  override readonly name = 'PreconditionRequired';
}

/** `If-Match` names a version that is no longer current (412, RFC 9110 §13.1.1). */
export class PreconditionFailed extends Error {
  override readonly name = 'PreconditionFailed';
}

/** A form that this browser was not given, or that another site sent (403). */
export class ForgedForm extends Error {
  override readonly name = 'ForgedForm';
}

/** An interaction that is over, does not exist, or is another browser's (400). */
export class InteractionOver extends Error {
  override readonly name = 'InteractionOver';
}
