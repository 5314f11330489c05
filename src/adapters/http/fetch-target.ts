import { isIP } from 'node:net';
import { isLoopbackAddress, isPublicAddress } from './public-address.ts';

/** What may be fetched: `loopback` where this machine's own addresses may be besides, and `http` there. */
export interface TargetRules {
  readonly loopback: boolean;
}

/** Names that are never of the internet (RFC 6761 §6.3, RFC 6762 §3, and ICANN's reservation of `internal`). */
const localName = /(^|\.)(localhost|local|internal|home\.arpa)$/;

/** A host as names and addresses are compared: without the brackets of IPv6 and without a last dot. */
const bareHost = ({ hostname }: URL): string => hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');

/** Whether the host names this machine by itself, whatever is answered for the name. */
function namesLoopback(host: string): boolean {
  return isIP(host) === 0 ? /(^|\.)localhost$/.test(host) : isLoopbackAddress(host);
}

/**
 * What speaks against fetching a URL, as far as its text tells; what its name stands for is checked at each connection.
 *
 * @returns the words that follow the URL's name in a sentence, or undefined
 */
export function faultOfTarget(target: string, { loopback }: TargetRules): string | undefined {
  if (!URL.canParse(target)) return 'must be an absolute URL';
  const url = new URL(target);
  const host = bareHost(url);
  const ofThisMachine = loopback && namesLoopback(host);
  if (url.protocol !== 'https:' && !(ofThisMachine && url.protocol === 'http:')) return 'must be an https URL';
  if (url.username !== '' || url.password !== '') return 'must not hold a user name or password';
  if (url.hash !== '' || target.includes('#')) return 'must not have a fragment';
  if (ofThisMachine) return undefined;
  if (isIP(host) !== 0) return isPublicAddress(host) ? undefined : 'must not be a private or reserved address';
  return !host.includes('.') || localName.test(host) ? 'must be a host of the internet' : undefined;
}

/** Whether a connection to an address may be made for the URL: plain `http` goes to this machine alone. */
export function mayConnect(url: URL, address: string, { loopback }: TargetRules): boolean {
  if (loopback && isLoopbackAddress(address)) return true;
  return url.protocol === 'https:' && isPublicAddress(address);
}
