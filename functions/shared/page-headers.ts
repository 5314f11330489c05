import { noStore } from './no-store.ts';

/**
 * Headers of every page. Nothing is loaded but this origin's own stylesheets, scripts and images, and no other site can
 * frame a page, read it, or learn from where its reader came.
 *
 * @param formTo where its forms lead in the end, besides this origin: Chromium follows a form's redirects with
 *   `form-action`
 */
export function pageHeaders(row: { readonly path: string } | undefined, formTo?: string): Record<string, string> {
  const policy = [
    "default-src 'none'",
    "style-src 'self'",
    "img-src 'self' data:",
    "script-src 'self'",
    `form-action 'self'${formTo === undefined ? '' : ` ${formDestination(formTo)}`}`,
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ];
  return {
    ...noStore,
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Security-Policy': policy.join('; '),
    'X-Frame-Options': 'DENY',
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    // An app that opened a sign-in page in a window of its own waits for that window; account pages belong to nobody else.
    ...(row?.path.startsWith('/t/') && { 'Cross-Origin-Opener-Policy': 'same-origin' }),
  };
}

/** Headers of a file whose name changes with what is in it. */
export function assetHeaders(contentType: string): Record<string, string> {
  return {
    'Content-Type': contentType,
    'Cache-Control': 'public, max-age=31536000, immutable',
    'X-Content-Type-Options': 'nosniff',
    'Cross-Origin-Resource-Policy': 'same-origin',
  };
}

/** The source expression of a redirect URI (CSP3 §2.3.1): its origin, or its scheme where that has none. */
export function formDestination(redirectUri: string): string {
  const { protocol, origin, hostname } = new URL(redirectUri);
  // A host source cannot be an IPv6 address.
  return origin === 'null' || hostname.startsWith('[') ? protocol : origin;
}
