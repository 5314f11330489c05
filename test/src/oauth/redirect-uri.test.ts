import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { faultOfRedirectUri, isOpenToOtherApps, matchesRedirectUri } from '../../../src/oauth/redirect-uri.ts';

describe('a redirect URI can be registered', () => {
  it.each([
    'https://app.example/callback',
    'https://app.example',
    'https://app.example/',
    'https://app.example:8443/callback?tenant=a&x=%20',
    'https://sub.app.example/a/b;c',
    'https://127.0.0.1/callback',
  ])('by any app: %s', (uri) => {
    expect(faultOfRedirectUri(uri, 'web')).toBeUndefined();
    expect(faultOfRedirectUri(uri, 'native')).toBeUndefined();
  });

  it.each([
    'http://127.0.0.1/callback',
    'http://127.0.0.1:8080/callback',
    'http://[::1]/callback',
    'http://localhost:3000/callback',
    'http://localhost',
    'com.example.app:/callback',
    'com.example.app://callback',
    'io.app-2.x:/',
  ])('by a native app alone: %s', (uri) => {
    expect(faultOfRedirectUri(uri, 'native')).toBeUndefined();
    expect(faultOfRedirectUri(uri, 'web')).toBe('must be https');
  });
});

describe('a redirect URI cannot be registered', () => {
  it.each([
    ['', 'must be a URI (RFC 3986)'],
    ['/callback', 'must be an absolute URI'],
    ['//app.example/callback', 'must be an absolute URI'],
    ['app.example/callback', 'must be an absolute URI'],
    ['https://', 'must be an absolute URI'],
    ['https://app.example/#x', 'must not have a fragment'],
    ['https://app.example/#', 'must not have a fragment'],
    ['https://*.app.example/', 'must not have a wildcard'],
    ['https://app.example/*', 'must not have a wildcard'],
    ['https://user@app.example/', 'must not have user information'],
    ['https://user:word@app.example/', 'must not have user information'],
    ['https://app.example@evil.example/', 'must not have user information'],
    ['https://@app.example/', 'must be in normal form: https://app.example/'],
    ['HTTPS://app.example/', 'must be in normal form: https://app.example/'],
    ['https://App.example/', 'must be in normal form: https://app.example/'],
    ['https://app.example:443/', 'must be in normal form: https://app.example/'],
    ['https://app.example/a/../b', 'must be in normal form: https://app.example/b'],
    ['https://app.example/a/%2e%2e/b', 'must be in normal form: https://app.example/b'],
    ['https:app.example/', 'must be in normal form: https://app.example/'],
    ['https://0x7f000001/', 'must be in normal form: https://127.0.0.1/'],
    ['https://app.example\\callback', 'must be a URI (RFC 3986)'],
    ['https://app.example/ callback', 'must be a URI (RFC 3986)'],
    [' https://app.example/', 'must be a URI (RFC 3986)'],
    ['https://app.example/\n', 'must be a URI (RFC 3986)'],
    ['https://\u0430pp.example/', 'must be a URI (RFC 3986)'],
    ['https://app.example/%', 'must be a URI (RFC 3986)'],
    ['https://app.example/"x"', 'must be a URI (RFC 3986)'],
    [`https://app.example/${'a'.repeat(1024)}`, 'must be of at most 1024 characters'],
  ])('by anybody: %s', (uri, fault) => {
    expect(faultOfRedirectUri(uri, 'web')).toBe(fault);
    expect(faultOfRedirectUri(uri, 'native')).toBe(fault);
  });

  const nativeFault = 'must be https, http on 127.0.0.1, [::1] or localhost, or a private scheme that contains a dot';
  it.each([
    'javascript:alert(1)',
    'javascript://app.example/%0aalert(1)',
    'JavaScript:alert(1)',
    'data:text/html,x',
    'file:///etc/passwd',
    'blob:https://app.example/x',
    'vbscript:x',
    'about:blank',
    'ftp://app.example/',
    'ws://app.example/',
    'mailto:a@app.example',
    'myapp:/callback',
    'com.example.app:callback',
    'http://app.example/callback',
    'http://127.0.0.2/callback',
    'http://localhost.app.example/callback',
    'http://127.0.0.1.app.example/callback',
    'http://192.168.0.1/callback',
    'http://[::2]/callback',
  ])('even by a native app: %s', (uri) => {
    expect(faultOfRedirectUri(uri, 'native')).toBe(nativeFault);
    expect(faultOfRedirectUri(uri, 'web')).toBe('must be https');
  });
});

describe('a redirect URI of a request', () => {
  const web = 'https://app.example/callback?x=1';
  it('is the registered one, to the letter', () => {
    expect(matchesRedirectUri(web, web, 'web')).toBe(true);
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
        expect(matchesRedirectUri(web, text, 'web')).toBe(false);
        expect(matchesRedirectUri(web, web + text, 'native')).toBe(text === '');
        expect(matchesRedirectUri(web, text + web, 'native')).toBe(text === '');
      }),
    );
  });

  it('may have any port where a native app listens on its own machine', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('http://127.0.0.1', 'http://[::1]', 'http://localhost'),
        fc.constantFrom('', ':1', ':8080'),
        fc.constantFrom('', '/', '/callback', '/callback?x=1', '?x=1'),
        fc.integer({ min: 1, max: 65_535 }),
        (address, registeredPort, rest, port) => {
          const registered = `${address}${registeredPort}${rest}`;
          expect(matchesRedirectUri(registered, `${address}:${port}${rest}`, 'native')).toBe(true);
          expect(matchesRedirectUri(registered, `${address}${rest}`, 'native')).toBe(true);
          expect(matchesRedirectUri(registered, `${address}:${port + 65_535}${rest}`, 'native')).toBe(false);
          expect(matchesRedirectUri(registered, `${address}:${port}${rest}x`, 'native')).toBe(false);
        },
      ),
    );
  });

  it.each([
    ['http://127.0.0.1/callback', 'http://localhost/callback'],
    ['http://127.0.0.1/callback', 'http://127.0.0.1:80@evil.example/callback'],
    ['http://127.0.0.1/callback', 'http://127.0.0.1:0/callback'],
    ['http://127.0.0.1/callback', 'http://127.0.0.1:080/callback'],
    ['http://127.0.0.1/callback', 'http://127.0.0.1:/callback'],
    ['http://127.0.0.1/callback', 'http://127.0.0.1:8080.evil.example/callback'],
    ['http://127.0.0.1/callback', 'http://127.0.0.1:8080/callback/../evil'],
    ['http://127.0.0.1/callback', 'http://127.0.0.1:8080\\callback'],
    ['http://127.0.0.1/callback', 'http://127.0.0.1:8080/callback\n'],
    ['http://127.0.0.1/callback', 'https://127.0.0.1:8080/callback'],
    ['http://127.0.0.1/callback', 'HTTP://127.0.0.1:8080/callback'],
    ['http://localhost/callback', 'http://localhost.evil.example:8080/callback'],
    ['http://localhost/callback', 'http://user@localhost:8080/callback'],
    ['https://127.0.0.1/callback', 'https://127.0.0.1:8080/callback'],
    ['com.example.app:/callback', 'com.example.app:8080/callback'],
    ['com.example.app:/callback', 'COM.example.app:/callback'],
  ])('of a native app that registered %s is not %s', (registered, given) => {
    expect(matchesRedirectUri(registered, given, 'native')).toBe(false);
  });

  it('of a web app has the port that is registered, whatever machine it names', () => {
    const registered = 'http://localhost/callback';
    expect(matchesRedirectUri(registered, registered, 'web')).toBe(true);
    expect(matchesRedirectUri(registered, 'http://localhost:8080/callback', 'web')).toBe(false);
  });
});

it('only at https is nobody else waiting', () => {
  expect(isOpenToOtherApps('https://app.example/')).toBe(false);
  expect(isOpenToOtherApps('http://127.0.0.1/')).toBe(true);
  expect(isOpenToOtherApps('com.example.app:/')).toBe(true);
});
