import { noStore } from './no-store.ts';

/**
 * Headers of every page. Nothing is loaded but this origin's own stylesheets, scripts and images, and no other site can
 * frame a page, read it, or learn from where its reader came.
 *
 * @param formsTo `any-site` for a page that is nothing but an answer posted to a client, which may redirect it to
 *   wherever it likes
 */
export function pageHeaders(
  row: { readonly path: string } | undefined,
  formsTo: 'this-site' | 'any-site' = 'this-site',
): Record<string, string> {
  const policy = [
    "default-src 'none'",
    "style-src 'self'",
    "img-src 'self' data:",
    "script-src 'self'",
    ...(formsTo === 'this-site' ? ["form-action 'self'"] : []),
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
