import { connect, type Socket } from 'node:net';
import { tokenRequest } from './client.ts';

const connections = 16;

/** The request as it goes over the wire: written once, so that the client costs next to nothing. */
function requestBytes(port: number): Buffer {
  return Buffer.from(
    [
      `POST ${tokenRequest.path} HTTP/1.1`,
      `Host: 127.0.0.1:${port}`,
      `Authorization: ${tokenRequest.authorization}`,
      `Content-Type: ${tokenRequest.contentType}`,
      `Content-Length: ${Buffer.byteLength(tokenRequest.body)}`,
      '',
      tokenRequest.body,
    ].join('\r\n'),
  );
}

/** Answers a second over sixteen kept connections, each with one request under way; throws where one is not 200. */
export async function answersPerSecond(port: number, milliseconds: number): Promise<number> {
  const request = requestBytes(port);
  const deadline = performance.now() + milliseconds;
  const started = performance.now();
  const counts = await Promise.all(Array.from({ length: connections }, () => exchanges(port, request, deadline)));
  const answered = counts.reduce((sum, count) => sum + count, 0);
  return answered / ((performance.now() - started) / 1000);
}

function exchanges(port: number, request: Buffer, deadline: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket: Socket = connect(port, '127.0.0.1', () => socket.write(request));
    socket.setNoDelay(true);
    let pending = '';
    let answered = 0;
    socket.on('error', reject);
    socket.on('data', (chunk) => {
      pending += chunk.toString('latin1');
      const length = answerLength(pending);
      if (length === undefined || pending.length < length) return;
      if (!pending.startsWith('HTTP/1.1 200 ')) return reject(new Error(pending));
      pending = '';
      answered++;
      if (performance.now() < deadline) return socket.write(request);
      socket.destroy();
      resolve(answered);
    });
  });
}

/** Bytes of the whole answer, or undefined while its head is incomplete; every server here names its length. */
function answerLength(text: string): number | undefined {
  const end = text.indexOf('\r\n\r\n');
  if (end === -1) return undefined;
  const body = /\r\ncontent-length: (\d+)\r\n/i.exec(text.slice(0, end + 2))?.[1];
  if (body === undefined) throw new Error('an answer without a length');
  return end + 4 + Number(body);
}
