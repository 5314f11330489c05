import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

export type InboxAnswer =
  | { readonly kind: 'answer'; readonly body: unknown }
  | { readonly kind: 'none'; readonly reason: string | undefined };

/** Where custom resources' functions send their answers, in the place of CloudFormation's presigned S3 URLs. */
export interface ResponseInbox {
  /**
   * Opens a URL that takes one PUT while the request runs, and gives what was put there.
   *
   * @param request sends the event with that URL; resolves with the reason where the function itself failed.
   */
  expect(request: (responseUrl: string) => Promise<string | undefined>): Promise<InboxAnswer>;
  close(): Promise<void>;
}

/** "The response body can be up to 4096 bytes" (CloudFormation User Guide, "Custom resources"). */
const maximumBytes = 4096;
/** How long an answer may trail the end of its function. */
const graceMilliseconds = 2000;

export async function openResponseInbox(): Promise<ResponseInbox> {
  const open = new Map<string, (body: unknown) => void>();
  const server = createServer(async (request, response) => {
    const path = request.url ?? '';
    const accept = request.method === 'PUT' ? open.get(path) : undefined;
    // Before anything is read: a second PUT finds the URL used up.
    open.delete(path);
    const chunks: Buffer[] = [];
    for await (const chunk of request) {
      chunks.push(chunk);
    }
    const body = Buffer.concat(chunks);
    if (!accept || body.length > maximumBytes) {
      response.writeHead(accept ? 400 : 403).end();
      return;
    }
    response.writeHead(200).end();
    accept(parse(body.toString('utf8')));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    async expect(request) {
      const path = `/${randomBytes(32).toString('base64url')}`;
      const answered = new Promise<InboxAnswer>((resolve) => {
        open.set(path, (body) => resolve({ kind: 'answer', body }));
      });
      const abandoned = request(`http://127.0.0.1:${port}${path}`).then(async (reason): Promise<InboxAnswer> => {
        await delay(reason === undefined ? graceMilliseconds : 0);
        return { kind: 'none', reason };
      });
      try {
        return await Promise.race([answered, abandoned]);
      } finally {
        open.delete(path);
      }
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
