import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request that a receiver was sent. */
export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into events of every type
  readonly event: any;
}

/** How a receiver behaves; each member may be exchanged while it runs. */
export interface Behaviour {
  /** The status of the next answer, or what is done instead of answering. */
  answer: (
    received: Received,
  ) => number | 'cut' | 'silent' | { status: number; headers?: Record<string, string>; body?: string };
}

/** A receiver of events on this machine. */
export interface EndpointReceiver extends Behaviour {
  readonly url: string;
  readonly received: Received[];
  close(): Promise<void>;
}

/** @param port 0 takes a free one */
export async function startEndpointReceiver(port = 0): Promise<EndpointReceiver> {
  const received: Received[] = [];
  const behaviour: Behaviour = { answer: () => 204 };
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const body = Buffer.concat(parts).toString();
      const seen = { path: request.url ?? '', headers: request.headers, body, event: JSON.parse(body) };
      received.push(seen);
      const answer = behaviour.answer(seen);
      if (answer === 'cut') request.socket.destroy();
      else if (answer !== 'silent') {
        const { status, headers = {}, body: text } = typeof answer === 'number' ? { status: answer } : { ...answer };
        response.writeHead(status, headers).end(text);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  // Who forgets it does not wait for it.
  server.unref();
  return Object.assign(behaviour, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/events`,
    received,
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  });
}
