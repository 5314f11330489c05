/** Scripts that spare a click; every page works without them. */

/** Sends the page's first form as soon as it is there (OAuth 2.0 Form Post Response Mode §2). */
export const submitScript = 'document.forms[0].requestSubmit();\n';
