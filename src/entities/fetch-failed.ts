/** Why nothing usable came from a URL that a tenant gave. */
export type FetchFailure =
  /** The URL, or an address that its host has, is none that may be fetched. */
  | 'refused'
  /** The answer points elsewhere; that is not followed. */
  | 'redirect'
  | 'too large'
  | 'too slow'
  /** No such host, no connection, no valid certificate, or an answer that is not HTTP. */
  | 'unreachable';

const texts: Readonly<Record<FetchFailure, string>> = {
  refused: 'it is at an address that is not fetched',
  redirect: 'it answers with a redirect',
  'too large': 'its answer is too large',
  'too slow': 'it does not answer in time',
  unreachable: 'it cannot be reached',
};

/** A URL that a tenant gave could not be fetched. The message is public: it says nothing of any network. */
export class FetchFailed extends Error {
  override readonly name = 'FetchFailed';
  readonly failure: FetchFailure;
  constructor(failure: FetchFailure, cause?: unknown) {
    super(texts[failure], { cause });
    this.failure = failure;
  }
}
