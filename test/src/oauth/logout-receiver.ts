import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a client's back-channel logout endpoint was sent. */
export interface ReceivedLogout {
  readonly method: string | undefined;
  readonly contentType: string | undefined;
  readonly token: string | null;
}

/** A client's back-channel logout endpoint on this machine; how it answers may be exchanged while it runs. */
export async function startLogoutReceiver() {
  const received: ReceivedLogout[] = [];
  const behaviour: { answer: (response: ServerResponse) => void } = {
    answer: (response) => response.writeHead(200).end(),
  };
  const server = createServer(async (request, response) => {
    const form = new URLSearchParams(await bodyOf(request));
    received.push({
      method: request.method,
      contentType: request.headers['content-type'],
      token: form.get('logout_token'),
    });
    behaviour.answer(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/backchannel-logout`,
    received,
    behaviour,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
  return Buffer.concat(parts).toString();
}
