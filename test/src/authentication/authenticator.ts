import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';

/** A security key in software (WebAuthn §6): it makes one passkey, and signs with it. */
export interface Authenticator {
  readonly id: string;
  /** What a browser would send for creation options; `more` is what it gets wrong. */
  create(options: { readonly challenge: string }, more?: Ceremony): string;
  /** What a browser would send for request options. */
  get(options: { readonly challenge: string }, more?: Ceremony & { readonly count?: number }): string;
}

interface Ceremony {
  readonly origin?: string;
  readonly rpId?: string;
  readonly type?: string;
}

/** CBOR (RFC 8949 §3) of what the ceremonies need: integers, bytes, text and maps. */
function cbor(value: number | string | Uint8Array | Map<unknown, unknown>): Buffer {
  const head = (major: number, length: number) =>
    length < 24
      ? Buffer.of((major << 5) | length)
      : length < 256
        ? Buffer.of((major << 5) | 24, length)
        : Buffer.of((major << 5) | 25, length >> 8, length & 255);
  if (typeof value === 'number') return value < 0 ? head(1, -1 - value) : head(0, value);
  if (typeof value === 'string') return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
  if (value instanceof Map) {
    const entries = [...value].flatMap(([key, one]) => [cbor(key as number), cbor(one as string)]);
    return Buffer.concat([head(5, value.size), ...entries]);
  }
  return Buffer.concat([head(2, value.length), value]);
}

const sha256 = (data: string | Uint8Array) => createHash('sha256').update(data).digest();
const base64url = (data: string | Uint8Array) => Buffer.from(data).toString('base64url');

export function newAuthenticator(origin: string): Authenticator {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
  const cose = new Map<number, number | Uint8Array>([
    [1, 2],
    [3, -7],
    [-1, 1],
    [-2, Buffer.from(x, 'base64url')],
    [-3, Buffer.from(y, 'base64url')],
  ]);
  const credentialId = randomBytes(16);
  const id = base64url(credentialId);
  let signatures = 0;

  const clientData = (type: string, challenge: string, more: Ceremony) =>
    Buffer.from(
      JSON.stringify({ type: more.type ?? type, challenge, origin: more.origin ?? origin, crossOrigin: false }),
    );
  const authenticatorData = (more: Ceremony, flags: number, count: number, rest: Uint8Array = Buffer.alloc(0)) => {
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(count);
    return Buffer.concat([sha256(more.rpId ?? new URL(origin).hostname), Buffer.of(flags), counter, rest]);
  };
  const sent = (response: Record<string, unknown>) =>
    JSON.stringify({ id, rawId: id, type: 'public-key', clientExtensionResults: {}, response });

  return {
    id,
    create: ({ challenge }, more = {}) => {
      const length = Buffer.of(0, credentialId.length);
      const attested = Buffer.concat([Buffer.alloc(16), length, credentialId, cbor(cose)]);
      const attestation = new Map<string, unknown>([
        ['fmt', 'none'],
        ['attStmt', new Map()],
        ['authData', authenticatorData(more, 0x41, 0, attested)],
      ]);
      return sent({
        clientDataJSON: base64url(clientData('webauthn.create', challenge, more)),
        attestationObject: base64url(cbor(attestation)),
        transports: ['usb'],
      });
    },
    get: ({ challenge }, more = {}) => {
      signatures = more.count ?? signatures + 1;
      const client = clientData('webauthn.get', challenge, more);
      const data = authenticatorData(more, 0x01, signatures);
      return sent({
        clientDataJSON: base64url(client),
        authenticatorData: base64url(data),
        signature: base64url(sign('sha256', Buffer.concat([data, sha256(client)]), privateKey)),
      });
    },
  };
}
