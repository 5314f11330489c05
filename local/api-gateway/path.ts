/** A percent sign that no two hexadecimal digits follow: API Gateway answers 400 to it. */
export function hasBrokenEscape(text: string): boolean {
  return /%(?![0-9A-Fa-f]{2})/.test(text);
}

/** Decodes percent escapes to UTF-8; bytes that are no UTF-8 become U+FFFD. Broken escapes stay as they are. */
export function decodePercent(text: string): string {
  if (!text.includes('%')) {
    return text;
  }
  const bytes: Buffer[] = [];
  for (const part of text.split(/(%[0-9A-Fa-f]{2})/)) {
    bytes.push(/^%[0-9A-Fa-f]{2}$/.test(part) ? Buffer.from(part.slice(1), 'hex') : Buffer.from(part, 'utf8'));
  }
  return Buffer.concat(bytes).toString('utf8');
}

/**
 * A path parameter as a function receives it: decoded once, and a percent sign that is left then is escaped again
 * (API Gateway Developer Guide, "Important notes": "REST APIs URL-encode the percent character before passing it").
 */
export function decodePathParameter(segment: string): string {
  return decodePercent(segment).replaceAll('%', '%25');
}

/** The segments of a request's path; one slash at the end makes no difference to API Gateway, a doubled one does. */
export function pathSegments(path: string): string[] {
  const trimmed = path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
  return trimmed === '/' ? [] : trimmed.slice(1).split('/');
}
