import type { ConditionContext } from '../aws/service.ts';
import { PolicyError } from './policy-error.ts';

/**
 * Every condition key whose value, or whose absence, is known here. A key that is not listed is an error and not
 * "absent from the request": a misspelt one would quietly switch its statement off, or on.
 */
const singleValued = new Set(
  [
    'aws:CurrentTime',
    'aws:EpochTime',
    'aws:PrincipalAccount',
    'aws:PrincipalArn',
    'aws:PrincipalIsAWSService',
    'aws:PrincipalType',
    'aws:RequestedRegion',
    'aws:ResourceAccount',
    'aws:SecureTransport',
    'aws:SourceAccount',
    'aws:SourceArn',
    'aws:userid',
    'aws:username',
    'aws:ViaAWSService',
    'dynamodb:EnclosingOperation',
    'dynamodb:FullTableScan',
    'dynamodb:ReturnConsumedCapacity',
    'dynamodb:ReturnValues',
    'dynamodb:Select',
    'kms:CallerAccount',
    'kms:EncryptionAlgorithm',
    'kms:GrantIsForAWSResource',
    'kms:KeyOrigin',
    'kms:KeySpec',
    'kms:KeyUsage',
    'kms:MacAlgorithm',
    'kms:MessageType',
    'kms:MultiRegion',
    'kms:RequestAlias',
    'kms:SigningAlgorithm',
    'kms:ViaService',
    'secretsmanager:ForceDeleteWithoutRecovery',
    'secretsmanager:KmsKeyId',
    'secretsmanager:Name',
    'secretsmanager:SecretId',
    'secretsmanager:VersionId',
    'secretsmanager:VersionStage',
  ].map((key) => key.toLowerCase()),
);

const multiValued = new Set(
  [
    'aws:CalledVia',
    'dynamodb:Attributes',
    'dynamodb:LeadingKeys',
    'kms:EncryptionContextKeys',
    'kms:ResourceAliases',
  ].map((key) => key.toLowerCase()),
);

/** Whether a key can hold several values in one request, so that only `ForAllValues:` and `ForAnyValue:` may test it. */
export function isMultiValued(key: string): boolean {
  return multiValued.has(key.toLowerCase());
}

/** @throws {PolicyError} naming a condition key that is not known here. */
export function checkConditionKey(key: string): void {
  const name = key.toLowerCase();
  if (!singleValued.has(name) && !multiValued.has(name) && !/^kms:encryptioncontext:./.test(name)) {
    throw new PolicyError(`the condition key ${key} is not known to the local run`);
  }
}

/** The condition keys of one request by lower-case name: names ignore case, values do not. */
export type RequestContext = ReadonlyMap<string, readonly string[]>;

/** Joins what the service and what every request sets; a key without values is absent, as IAM sees it. */
export function requestContext(...parts: readonly ConditionContext[]): RequestContext {
  const context = new Map<string, readonly string[]>();
  for (const part of parts) {
    for (const [key, values] of Object.entries(part)) {
      if (values.length > 0) {
        context.set(key.toLowerCase(), values);
      }
    }
  }
  return context;
}
