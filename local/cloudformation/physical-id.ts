import { createHash } from 'node:crypto';

/** Which resource, of which stack. */
export interface ResourceAddress {
  readonly stackName: string;
  readonly logicalId: string;
}

/**
 * Identifiers as AWS would make them up, but derived from stack and logical id: the same after every restart, so that
 * data on disk stays with its resource.
 */
export function physicalName({ stackName, logicalId }: ResourceAddress, maximum = 64): string {
  const suffix = digest({ stackName, logicalId }).slice(0, 12).toUpperCase();
  return `${`${stackName}-${logicalId}`.slice(0, maximum - suffix.length - 1)}-${suffix}`;
}

/** Lower-case letters and digits, as in the ids of REST APIs and their resources. */
export function shortId(address: ResourceAddress, length: number): string {
  return BigInt(`0x${digest(address)}`)
    .toString(36)
    .slice(0, length);
}

/** In the form of a UUID, as the ids of event source mappings. */
export function uuidOf(address: ResourceAddress): string {
  return digest(address).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5');
}

function digest({ stackName, logicalId }: ResourceAddress): string {
  return createHash('sha256')
    .update(JSON.stringify([stackName, logicalId]))
    .digest('hex');
}
