import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { faultOfTarget } from '../../../../src/adapters/http/fetch-target.ts';
import { guardedFetch } from '../../../../src/adapters/http/guarded-fetch.ts';
import { isPublicAddress } from '../../../../src/adapters/http/public-address.ts';

/** Addresses that nothing may be fetched from, by why. */
const hostileAddresses: readonly (readonly [string, string])[] = [
  ['loopback', '127.0.0.1'],
  ['loopback', '127.255.255.254'],
  ['this host', '0.0.0.0'],
  ['private', '10.0.0.1'],
  ['private', '172.16.0.1'],
  ['private', '172.31.255.255'],
  ['private', '192.168.1.1'],
  ['metadata, link-local', '169.254.169.254'],
  ["a container's credentials, link-local", '169.254.170.2'],
  ['carrier-grade NAT', '100.64.0.1'],
  ["another cloud's metadata, in carrier-grade NAT", '100.100.100.200'],
  ['protocol assignments', '192.0.0.192'],
  ['documentation', '192.0.2.1'],
  ['documentation', '198.51.100.1'],
  ['documentation', '203.0.113.1'],
  ['6to4 relay', '192.88.99.1'],
  ['benchmarking', '198.18.0.1'],
  ['multicast', '224.0.0.1'],
  ['reserved', '240.0.0.1'],
  ['broadcast', '255.255.255.255'],
  ['unspecified', '::'],
  ['loopback', '::1'],
  ['IPv4-compatible loopback', '::127.0.0.1'],
  ['IPv4-mapped loopback', '::ffff:127.0.0.1'],
  ['IPv4-mapped metadata', '::ffff:a9fe:a9fe'],
  ['IPv4-translated private', '::ffff:0:10.0.0.1'],
  ['NAT64 of metadata', '64:ff9b::169.254.169.254'],
  ['local NAT64', '64:ff9b:1::1'],
  ['6to4 of loopback', '2002:7f00:1::'],
  ['Teredo', '2001::1'],
  ['documentation', '2001:db8::1'],
  ['documentation', '3fff::1'],
  ['benchmarking', '2001:2::1'],
  ['discard', '100::1'],
  ['unique-local', 'fd12:3456:789a::1'],
  ['metadata, unique-local', 'fd00:ec2::254'],
  ['link-local', 'fe80::1'],
  ['site-local', 'fec0::1'],
  ['multicast', 'ff02::1'],
  ['given to nobody', '4000::1'],
];

const publicAddresses = ['8.8.8.8', '93.184.215.14', '172.32.0.1', '100.128.0.1', '2600:1f18::1', '::ffff:8.8.8.8'];

/** Other spellings of hosts that nothing may be fetched from. */
const hostileUrls: readonly (readonly [string, string])[] = [
  ['plain http', 'http://provider.example/'],
  ['another scheme', 'file:///etc/passwd'],
  ['another scheme', 'gopher://provider.example/'],
  ['no URL', '/relative'],
  ['user info', 'https://user:password@provider.example/'],
  ['user info', 'https://provider.example@127.0.0.1/'],
  ['a fragment', 'https://provider.example/#part'],
  ['an empty fragment', 'https://provider.example/#'],
  ['loopback by name', 'https://localhost/'],
  ['loopback by name, rooted', 'https://localhost./'],
  ['loopback by name, below', 'https://anything.localhost/'],
  ['a name without a domain', 'https://intranet/'],
  ['a name of the local network', 'https://printer.local/'],
  ['a name of the cloud', 'https://metadata.google.internal/'],
  ['decimal', 'https://2130706433/'],
  ['octal', 'https://0177.0.0.1/'],
  ['hexadecimal', 'https://0x7f.1/'],
  ['short', 'https://127.1/'],
  ['wide digits', 'https://１２７.0.0.1/'],
  ['rooted', 'https://127.0.0.1./'],
];

const literal = (address: string) => (address.includes(':') ? `[${address}]` : address);

/** What the server below answers by path. */
const answers: Readonly<Record<string, RequestListener>> = {
  '/fine': (request, response) => response.setHeader('X-Seen', request.method ?? '').end('{"fine":true}'),
  '/echo': (request, response) => {
    response.setHeader('X-Cookie', String(request.headers.cookie)).setHeader('Set-Cookie', 'kept=yes');
    request.pipe(response);
  },
  '/empty': (_, response) => response.writeHead(204).end(),
  '/refusal': (_, response) => response.writeHead(401).end('{}'),
  '/redirect': (_, response) => response.writeHead(302, { Location: '/fine' }).end(),
  '/see-other': (_, response) => response.writeHead(303, { Location: 'http://169.254.169.254/' }).end(),
  '/large': (_, response) => response.end('x'.repeat(1001)),
  '/just-fits': (_, response) => response.end('x'.repeat(1000)),
  '/endless': async (_, response) => {
    while (!response.destroyed) {
      response.write('x'.repeat(400));
      await wait(5);
    }
  },
  '/silent': () => undefined,
  '/drip': async (_, response) => {
    while (!response.destroyed) {
      response.write('x');
      await wait(20);
    }
  },
  '/cut': (request) => request.socket.destroy(),
};

let server: Server;
let origin: string;
let port: number;

beforeAll(async () => {
  server = createServer((request, response) => answers[request.url ?? '']?.(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
  origin = `http://127.0.0.1:${port}`;
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const bounded = { loopback: true, maximumBytes: 1000, timeoutMilliseconds: 300 };

describe('an address', () => {
  it.each(hostileAddresses)('that is %s, %s, is not of the internet', (_, address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  it.each(publicAddresses)('such as %s is of the internet', (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });

  it('is not what is no address', () => {
    expect(isPublicAddress('provider.example')).toBe(false);
  });
});

describe('a URL that a tenant gives', () => {
  const locally = { loopback: true };
  const deployed = { loopback: false };

  it.each(hostileUrls)('is refused for %s: %s', (_, url) => {
    expect(faultOfTarget(url, deployed)).toBeTypeOf('string');
  });

  it.each(hostileAddresses)('is refused for the address of %s, %s', (_, address) => {
    expect(faultOfTarget(`https://${literal(address)}/`, deployed)).toBeTypeOf('string');
  });

  it.each([
    'https://provider.example/',
    'https://provider.example:8443/path?query',
    'https://PROVIDER.example',
    ...publicAddresses.map((address) => `https://${literal(address)}/`),
  ])('may be %s', (url) => {
    expect(faultOfTarget(url, deployed)).toBeUndefined();
    expect(faultOfTarget(url, locally)).toBeUndefined();
  });

  it.each(['http://127.0.0.1:8080/', 'http://localhost:8080/', 'http://[::1]/', 'https://localhost/'])(
    'may be this machine in a local run alone: %s',
    (url) => {
      expect(faultOfTarget(url, locally)).toBeUndefined();
      expect(faultOfTarget(url, deployed)).toBeTypeOf('string');
    },
  );

  it.each(['http://provider.example/', 'http://10.0.0.1/', 'https://10.0.0.1/', 'http://169.254.169.254/'])(
    'is no other than this machine in a local run either: %s',
    (url) => {
      expect(faultOfTarget(url, locally)).toBeTypeOf('string');
    },
  );
});

describe('a request', () => {
  const resolving = (...addresses: readonly string[]) => {
    const asked: string[] = [];
    const resolve = async (name: string) => {
      asked.push(name);
      return addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
    };
    return { asked, resolve };
  };

  it.each(hostileUrls)('is not made for %s: %s', async (_, url) => {
    const { asked, resolve } = resolving('127.0.0.1');
    await expect(guardedFetch({ loopback: false, resolve })(url)).rejects.toMatchObject({ failure: 'refused' });
    expect(asked).toEqual([]);
  });

  it.each(hostileAddresses)('goes to no name that stands for %s, %s', async (_, address) => {
    const fetch = guardedFetch({ loopback: false, ...resolving(address) });
    await expect(fetch('https://provider.example/')).rejects.toMatchObject({ failure: 'refused' });
  });

  it('goes to no name one of whose addresses is hostile, whichever comes first', async () => {
    for (const addresses of [
      ['8.8.8.8', '169.254.169.254'],
      ['169.254.169.254', '8.8.8.8'],
    ]) {
      const fetch = guardedFetch({ loopback: false, ...resolving(...addresses) });
      await expect(fetch('https://provider.example/')).rejects.toMatchObject({ failure: 'refused' });
    }
  });

  it('goes to no name that stands for nothing', async () => {
    const fetch = guardedFetch({ loopback: false, ...resolving() });
    await expect(fetch('https://provider.example/')).rejects.toMatchObject({ failure: 'refused' });
  });

  it('connects to the addresses that were checked: the name is asked for once', async () => {
    const { asked, resolve } = resolving('127.0.0.1');
    const response = await guardedFetch({ loopback: true, resolve })(`http://name.localhost:${port}/fine`);
    expect(await response.json()).toEqual({ fine: true });
    expect(asked).toEqual(['name.localhost']);
  });

  it('is checked again each time: a name that turns hostile is refused', async () => {
    let address = '127.0.0.1';
    const fetch = guardedFetch({ loopback: true, resolve: async () => [{ address, family: 4 }] });
    expect((await fetch(`http://name.localhost:${port}/fine`)).status).toBe(200);
    address = '10.0.0.1';
    await expect(fetch(`http://name.localhost:${port}/fine`)).rejects.toMatchObject({ failure: 'refused' });
  });

  it('without TLS goes to this machine alone, in a local run too', async () => {
    const fetch = guardedFetch({ loopback: true, ...resolving('8.8.8.8') });
    await expect(fetch('http://name.localhost/')).rejects.toMatchObject({ failure: 'refused' });
  });

  it('needs TLS where it is sent to https', async () => {
    const fetch = guardedFetch({ loopback: true });
    await expect(fetch(`https://127.0.0.1:${port}/fine`)).rejects.toMatchObject({ failure: 'unreachable' });
  });

  it('brings status, headers and body back', async () => {
    const fetch = guardedFetch(bounded);
    const response = await fetch(`${origin}/fine`);
    expect([response.status, response.headers.get('x-seen'), await response.json()]).toEqual([
      200,
      'GET',
      { fine: true },
    ]);
    expect((await fetch(`${origin}/refusal`)).status).toBe(401);
    expect(await (await fetch(`${origin}/empty`)).text()).toBe('');
  });

  it('sends a form, and no cookie that was set before', async () => {
    const fetch = guardedFetch(bounded);
    for (const _ of [1, 2]) {
      const response = await fetch(`${origin}/echo`, { method: 'POST', body: new URLSearchParams({ a: '1 2' }) });
      expect(await response.text()).toBe('a=1+2');
      expect(response.headers.get('x-cookie')).toBe('undefined');
    }
  });

  it.each(['/redirect', '/see-other'])('follows no redirect: %s', async (path) => {
    await expect(guardedFetch(bounded)(origin + path)).rejects.toMatchObject({ failure: 'redirect' });
  });

  it('takes an answer of the largest size, and none of a byte more, or without end', async () => {
    const fetch = guardedFetch(bounded);
    expect(await (await fetch(`${origin}/just-fits`)).text()).toHaveLength(1000);
    await expect(fetch(`${origin}/large`)).rejects.toMatchObject({ failure: 'too large' });
    await expect(fetch(`${origin}/endless`)).rejects.toMatchObject({ failure: 'too large' });
  });

  it.each(['/silent', '/drip'])('waits no longer than it was told: %s', async (path) => {
    const began = performance.now();
    await expect(guardedFetch(bounded)(origin + path)).rejects.toMatchObject({ failure: 'too slow' });
    expect(performance.now() - began).toBeLessThan(2000);
  });

  it('counts the question for the name within its time', async () => {
    const fetch = guardedFetch({ ...bounded, resolve: () => wait(5000, []) });
    await expect(fetch(`http://name.localhost:${port}/fine`)).rejects.toMatchObject({ failure: 'too slow' });
  });

  it('ends with the signal that it was given', async () => {
    const sent = guardedFetch({ loopback: true })(`${origin}/silent`, { signal: AbortSignal.timeout(20) });
    await expect(sent).rejects.toMatchObject({ failure: 'unreachable' });
  });

  it('to what breaks off, or listens nowhere, says so and nothing of the network', async () => {
    const fetch = guardedFetch(bounded);
    await expect(fetch(`${origin}/cut`)).rejects.toMatchObject({ failure: 'unreachable' });
    await expect(fetch('http://127.0.0.1:1/')).rejects.toThrow(/^it cannot be reached$/);
  });
});
