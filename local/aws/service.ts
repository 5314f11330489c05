/** One permission that a call needs, as IAM would check it. */
export interface Permission {
  /** For example `dynamodb:PutItem`. */
  readonly action: string;
  /** The ARN the action is checked against. */
  readonly resource: string;
  /** Condition keys of the request beyond the global ones, for example `dynamodb:LeadingKeys`. */
  readonly context: ConditionContext;
}

/** Condition key → its values; an absent key is absent from the request, as the `Null` operator sees it. */
export type ConditionContext = Readonly<Record<string, readonly string[]>>;

/** A service of AWS as far as functions of this project call it, behind its real wire protocol (AWS JSON 1.0 or 1.1). */
export interface AwsService {
  /** The signing name in the credential scope of a request: `dynamodb`, `kms`, `secretsmanager`. */
  readonly signingName: string;
  /** The prefix of `X-Amz-Target`, for example `DynamoDB_20120810` or `TrentService`. */
  readonly targetPrefix: string;
  /**
   * Every permission the call needs, in the order AWS checks them. A call of an operation that this service does not
   * know throws an {@link AwsError} `UnknownOperationException`.
   */
  permissions(operation: string, input: unknown): readonly Permission[];
  /** Runs the call; `input` and the answer are the JSON bodies of the wire. Throws {@link AwsError} for AWS's errors. */
  call(operation: string, input: unknown): Promise<unknown>;
}

/** An error as AWS sends it: `__type` and `message`, with further members such as `CancellationReasons`. */
export class AwsError extends Error {
  readonly code: string;
  readonly status: number;
  readonly members: Readonly<Record<string, unknown>>;
  constructor(code: string, message: string, status = 400, members: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.name = code;
    this.code = code;
    this.status = status;
    this.members = members;
  }
}
