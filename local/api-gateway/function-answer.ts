import { validateHeaderName, validateHeaderValue } from 'node:http';
import * as z from 'zod/mini';
import type { Answer } from './answer.ts';
import { firstAccepted, forwardAnswerHeaders, type HeaderPair, isBinary } from './http-headers.ts';
import type { GatewayRequest } from './request.ts';
import type { RestApi } from './rest-api.ts';

const headerText = z.union([z.string(), z.number(), z.boolean()]);

/**
 * The output format of a Lambda proxy integration; anything else is malformed, further members included (API Gateway
 * Developer Guide, "Output format of a Lambda function for proxy integration").
 */
const proxyAnswer = z.strictObject({
  statusCode: z.union([
    z.int().check(z.gte(100), z.lte(599)),
    z.pipe(
      z.string().check(z.regex(/^[1-5]\d\d$/)),
      z.transform((text: string) => Number(text)),
    ),
  ]),
  headers: z.optional(z.nullable(z.record(z.string(), headerText))),
  multiValueHeaders: z.optional(z.nullable(z.record(z.string(), z.array(headerText)))),
  body: z.optional(z.nullable(z.string())),
  isBase64Encoded: z.optional(z.nullable(z.boolean())),
});

/** Turns a function's output into the answer to the client; undefined where the output is malformed. */
export function functionAnswer(payload: unknown, request: GatewayRequest, api: RestApi): Answer | undefined {
  const parsed = proxyAnswer.safeParse(payload);
  if (!parsed.success) {
    return undefined;
  }
  const { statusCode, body, isBase64Encoded } = parsed.data;
  const headers = forwardAnswerHeaders(mergedHeaders(parsed.data));
  if (!headers.every(isSendable)) {
    return undefined;
  }
  const hasContentType = headers.some(([name]) => name.toLowerCase() === 'content-type');
  // Bytes go out only where the first accepted media type is one of the API's binary ones.
  const asBytes = isBase64Encoded === true && isBinary(firstAccepted(request.headers), api.binaryMediaTypes);
  return {
    status: statusCode,
    headers: [
      ['x-amzn-RequestId', request.requestId],
      ['x-amz-apigw-id', request.extendedRequestId],
      ['X-Amzn-Trace-Id', request.traceId],
      ...(hasContentType ? [] : [['Content-Type', 'application/json'] as const]),
      ...headers,
    ],
    body: asBytes ? Buffer.from(body ?? '', 'base64') : (body ?? ''),
  };
}

/** A name in both maps keeps only what `multiValueHeaders` says. */
function mergedHeaders({ headers, multiValueHeaders }: z.infer<typeof proxyAnswer>): HeaderPair[] {
  const multiple = Object.entries(multiValueHeaders ?? {});
  const inBoth = new Set(multiple.map(([name]) => name.toLowerCase()));
  return [
    ...Object.entries(headers ?? {})
      .filter(([name]) => !inBoth.has(name.toLowerCase()))
      .map(([name, value]) => [name, String(value)] as const),
    ...multiple.flatMap(([name, values]) => values.map((value) => [name, String(value)] as const)),
  ];
}

function isSendable([name, value]: HeaderPair): boolean {
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value);
    return true;
  } catch {
    return false;
  }
}
