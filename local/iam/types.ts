/** An IAM or resource policy as a template synthesizes it, every intrinsic function resolved. */
export interface PolicyDocument {
  readonly Version?: string;
  readonly Statement: readonly Statement[];
}

/** One statement; each member may be one value or several. */
export interface Statement {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Principal?: '*' | Readonly<Record<string, string | readonly string[]>>;
  readonly Action?: string | readonly string[];
  readonly NotAction?: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly NotResource?: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

/** Who calls: the role of a function, its ARN and every identity policy attached to it. */
export interface Principal {
  readonly roleArn: string;
  readonly functionName: string;
  readonly policies: readonly PolicyDocument[];
}
