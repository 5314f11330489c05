import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Principal } from '../iam/types.ts';
import { CallCounts } from './call-counts.ts';
import { AccessDenied, Enforcement, type ExercisedPermission, type ResourcePolicies } from './enforcement.ts';
import { Faults } from './faults.ts';
import { AwsError, type AwsService, type Permission } from './service.ts';
import { parseSignature, verifySignature } from './signature.ts';

/** Who holds an access key, and the secret that their requests are signed with. */
export interface Caller {
  readonly principal: Principal;
  readonly secretAccessKey: string;
}

export interface AwsEndpointOptions extends ResourcePolicies {
  readonly services: readonly AwsService[];
  readonly region: string;
  /** Undefined for an access key that was never given out, or with another session token. */
  principalOf(accessKeyId: string, sessionToken: string | undefined): Caller | undefined;
  /** Takes one line for the terminal: a denied call, an unknown operation, a failure of a service itself. */
  report(line: string): void;
}

export interface AwsEndpoint {
  /** For `AWS_ENDPOINT_URL`, for example `http://127.0.0.1:41873`. */
  readonly url: string;
  readonly calls: CallCounts;
  readonly faults: Faults;
  exercised(): ExercisedPermission[];
  /** See {@link Enforcement.enforce}; for what AWS does with a function's role without a call of the function's. */
  enforce(principal: Principal, permissions: readonly Permission[]): void;
  close(): Promise<void>;
}

/** The largest request any service here takes: DynamoDB's `BatchWriteItem`, 16 MB. */
const bodyLimitBytes = 16 * 1024 * 1024;

/**
 * Serves every AWS service that the functions call, on one port of 127.0.0.1 that their SDK clients find in
 * `AWS_ENDPOINT_URL`. The request's signature says which service is meant and who calls; the call runs only if the
 * caller's role (and the key policies) allow it.
 */
export async function startAwsEndpoint(options: AwsEndpointOptions): Promise<AwsEndpoint> {
  const enforcement = new Enforcement(options);
  const calls = new CallCounts();
  const faults = new Faults();

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(request);
    const { service, operation, principal } = identify(request, body);
    const call = { functionName: principal.functionName, service: service.signingName, operation };
    calls.record(call);
    const input = parseInput(body);
    enforcement.enforce(principal, service.permissions(operation, input));

    const fault = faults.take(call);
    if (fault?.delayMilliseconds !== undefined) {
      await delay(fault.delayMilliseconds);
    }
    if (typeof fault?.answer === 'object') {
      throw new AwsError(fault.answer.code, fault.answer.message ?? 'injected by a test', fault.answer.status);
    }
    if (typeof fault?.answer === 'function') {
      send(request, response, 200, fault.answer(input));
      return;
    }
    if (typeof fault?.answer === 'string') {
      if (fault.answer === 'drop-after-call') {
        // An error is an answer too.
        await service.call(operation, input).catch(() => undefined);
      }
      request.socket.destroy();
      return;
    }
    const output = await service.call(operation, input);
    send(request, response, 200, output ?? {});
  }

  /** @throws {AwsError} where the request names no service or operation here, or is not signed by a known caller. */
  function identify(request: IncomingMessage, body: Buffer) {
    if (request.method !== 'POST' || request.url !== '/') {
      throw new AwsError('UnknownOperationException', `no service here answers ${request.method} ${request.url}`, 404);
    }
    const claimed = parseSignature(request.headers);
    const service = options.services.find(({ signingName }) => signingName === claimed.service);
    const [, targetPrefix, operation = ''] = /^([^.]+)\.(\w+)$/.exec(String(request.headers['x-amz-target'])) ?? [];
    if (service === undefined || targetPrefix !== service.targetPrefix) {
      const target = request.headers['x-amz-target'];
      throw new AwsError('UnknownOperationException', `the local run has no ${target} of ${claimed.service}`, 404);
    }
    if (claimed.region !== options.region) {
      const message = `Credential should be scoped to a valid region, not '${claimed.region}'.`;
      throw new AwsError('InvalidSignatureException', message);
    }
    const sessionToken = request.headers['x-amz-security-token'];
    const caller = options.principalOf(claimed.accessKeyId, sessionToken?.toString());
    if (caller === undefined) {
      throw new AwsError('UnrecognizedClientException', 'The security token included in the request is invalid.');
    }
    verifySignature(claimed, request.headers, body, caller.secretAccessKey);
    return { service, operation, principal: caller.principal };
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => sendError(request, response, error, options.report));
  });
  // Longer than any SDK client keeps an idle connection, so that it is never the server that closes one just reused.
  server.keepAliveTimeout = 10 * 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    calls,
    faults,
    exercised: () => enforcement.exercised(),
    enforce: (principal, permissions) => enforcement.enforce(principal, permissions),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** @throws {AwsError} `RequestEntityTooLargeException`, before reading, so that the answer still reaches the client. */
async function readBody(request: IncomingMessage): Promise<Buffer> {
  if (!(Number(request.headers['content-length']) <= bodyLimitBytes)) {
    throw new AwsError('RequestEntityTooLargeException', 'Request body is too large, or of unknown length', 413);
  }
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) {
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** @throws {AwsError} `SerializationException` for a body that is not a JSON object. */
function parseInput(body: Buffer): unknown {
  try {
    const input: unknown = JSON.parse(body.toString('utf8'));
    if (typeof input === 'object' && input !== null && !Array.isArray(input)) {
      return input;
    }
  } catch {
    // Answered below, as any other body that is no object.
  }
  throw new AwsError('SerializationException', 'The request body is not a JSON object.');
}

function sendError(
  request: IncomingMessage,
  response: ServerResponse,
  error: unknown,
  report: (line: string) => void,
): void {
  if (error instanceof AccessDenied) {
    report(error.report);
  } else if (error instanceof AwsError && error.code === 'UnknownOperationException') {
    report(error.message);
  } else if (!(error instanceof AwsError)) {
    report(error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
  if (response.headersSent || response.destroyed) {
    return;
  }
  const { code, message, status, members } =
    error instanceof AwsError
      ? error
      : { code: 'InternalServerError', message: String(error), status: 500, members: {} };
  send(request, response, status, { ...members, __type: code, message });
}

function send(request: IncomingMessage, response: ServerResponse, status: number, output: unknown): void {
  const body = JSON.stringify(output);
  response
    .writeHead(status, {
      'content-type': request.headers['content-type'] ?? 'application/x-amz-json-1.1',
      'content-length': Buffer.byteLength(body),
      'x-amzn-requestid': randomUUID(),
    })
    .end(body);
}
