import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AwsError, type AwsService } from '../../../local/aws/service.ts';

/** A service behind AWS JSON 1.0 on a port of its own, without signatures or permissions. */
export async function serveOnWire(service: AwsService): Promise<{ endpoint: string; close: () => Promise<void> }> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) {
      chunks.push(chunk as Buffer);
    }
    const answer = (status: number, body: unknown) => {
      const text = JSON.stringify(body);
      response.writeHead(status, {
        'content-type': 'application/x-amz-json-1.0',
        'content-length': Buffer.byteLength(text),
        'x-amzn-requestid': crypto.randomUUID(),
      });
      response.end(text);
    };
    try {
      const [, operation = ''] = String(request.headers['x-amz-target']).split('.');
      answer(200, await service.call(operation, JSON.parse(Buffer.concat(chunks).toString())));
    } catch (error) {
      if (error instanceof AwsError) {
        answer(error.status, { __type: error.code, message: error.message, ...error.members });
      } else {
        answer(500, { __type: 'InternalServerError', message: String(error) });
      }
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
