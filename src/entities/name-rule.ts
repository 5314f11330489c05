/** What an integration may be called: words of letters, marks and decimal digits, a single space between them. */
export const namePattern = /^[\p{L}\p{M}\p{Nd}]+(?: [\p{L}\p{M}\p{Nd}]+)*$/u;

/** Counted in code points after NFC. */
export const maximumNameLength = 100;
