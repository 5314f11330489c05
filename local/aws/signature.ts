import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { AwsError } from './service.ts';

/** What the `Authorization` header of AWS Signature Version 4 claims, not yet verified. */
export interface UnverifiedSignature {
  readonly accessKeyId: string;
  /** Of the credential scope, for example `20261121`. */
  readonly date: string;
  readonly region: string;
  /** The signing name, for example `dynamodb`. */
  readonly service: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
}

const authorizationForm =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/;

/** @throws {AwsError} `MissingAuthenticationTokenException`, `IncompleteSignatureException` */
export function parseSignature(headers: IncomingHttpHeaders): UnverifiedSignature {
  if (headers.authorization === undefined) {
    throw new AwsError('MissingAuthenticationTokenException', 'Request is missing Authentication Token');
  }
  const [, accessKeyId = '', date = '', region = '', service = '', signedHeaders = '', signature = ''] =
    authorizationForm.exec(headers.authorization) ?? [];
  if (signature === '') {
    throw new AwsError('IncompleteSignatureException', 'Authorization header is not that of AWS Signature Version 4.');
  }
  return { accessKeyId, date, region, service, signedHeaders: signedHeaders.split(';'), signature };
}

const signedAlways = ['host', 'x-amz-date', 'x-amz-target', 'x-amz-security-token'];
const skewMilliseconds = 15 * 60_000;

/**
 * Verifies the signature of a `POST /` over its headers and body (AWS General Reference, "Create a signed AWS API request").
 *
 * @throws {AwsError} `InvalidSignatureException`
 */
export function verifySignature(
  claimed: UnverifiedSignature,
  headers: IncomingHttpHeaders,
  body: Buffer,
  secretAccessKey: string,
): void {
  const timestamp = String(headers['x-amz-date'] ?? '');
  const signedAt = Date.parse(timestamp.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
  if (!(Math.abs(Date.now() - signedAt) < skewMilliseconds) || !timestamp.startsWith(claimed.date)) {
    throw new AwsError('InvalidSignatureException', `Signature expired or not yet current: ${timestamp}`);
  }
  const unsigned = signedAlways.find((name) => headers[name] !== undefined && !claimed.signedHeaders.includes(name));
  if (unsigned !== undefined) {
    throw new AwsError('InvalidSignatureException', `'${unsigned}' must be a 'SignedHeader' in the AWS Authorization.`);
  }
  const canonicalHeaders = claimed.signedHeaders.map(
    (name) =>
      `${name}:${String(headers[name] ?? '')
        .trim()
        .replace(/ +/g, ' ')}\n`,
  );
  const canonicalRequest = ['POST', '/', '', canonicalHeaders.join(''), claimed.signedHeaders.join(';'), sha256(body)];
  const scope = `${claimed.date}/${claimed.region}/${claimed.service}/aws4_request`;
  const stringToSign = ['AWS4-HMAC-SHA256', timestamp, scope, sha256(canonicalRequest.join('\n'))].join('\n');
  const expected = hmac(signingKey(claimed, secretAccessKey), stringToSign);
  if (!timingSafeEqual(expected, Buffer.from(claimed.signature, 'hex'))) {
    throw new AwsError(
      'InvalidSignatureException',
      'The request signature we calculated does not match the signature you provided.',
    );
  }
}

const signingKeys = new Map<string, Buffer>();

/** Derived once a day for each secret and service: the derivation costs more than the rest of the verification. */
function signingKey({ date, region, service }: UnverifiedSignature, secretAccessKey: string): Buffer {
  const name = [secretAccessKey, date, region, service].join('/');
  const known = signingKeys.get(name);
  if (known !== undefined) {
    return known;
  }
  const key = ['aws4_request', service, region, date].reduceRight(
    (secret: Buffer | string, part) => hmac(secret, part),
    `AWS4${secretAccessKey}`,
  );
  signingKeys.set(name, Buffer.from(key));
  return Buffer.from(key);
}

const sha256 = (data: Buffer | string): string => createHash('sha256').update(data).digest('hex');
const hmac = (key: Buffer | string, data: string): Buffer => createHmac('sha256', key).update(data).digest();
