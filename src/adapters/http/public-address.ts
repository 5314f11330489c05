import ipaddr from 'ipaddr.js';

/** Where the addresses of the internet are (RFC 4291 §2.4, IANA's registry); the rest of IPv6 is not given to anyone. */
const globalUnicast = ipaddr.IPv6.parseCIDR('2000::/3');

/** An address without its zone; an IPv4 address in IPv6's form is the IPv4 address that is connected to. */
function parsed(address: string): ipaddr.IPv4 | ipaddr.IPv6 | undefined {
  return ipaddr.isValid(address) ? ipaddr.process(address) : undefined;
}

/**
 * Whether an address is one of the internet: none that is private, of this machine, of the link (where clouds answer
 * with credentials), shared, multicast, translated or reserved.
 */
export function isPublicAddress(address: string): boolean {
  const found = parsed(address);
  if (found === undefined || found.range() !== 'unicast') return false;
  return !(found instanceof ipaddr.IPv6) || found.match(globalUnicast);
}

/** Whether an address is this machine's own. */
export function isLoopbackAddress(address: string): boolean {
  return parsed(address)?.range() === 'loopback';
}
