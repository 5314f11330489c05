import { Conflict, NotFound } from './errors.ts';
import type { Integration } from './integration.ts';

/** An OpenSSH public key of an integration, with which it is known where it has no token: at an SSH server. */
export interface SshKey {
  readonly tenant: string;
  readonly clientId: string;
  /** `ssh_…`. */
  readonly id: string;
  readonly name: string;
  /** As OpenSSH calls it: `ssh-ed25519`, `ecdsa-sha2-nistp256`, … `ssh-rsa`. */
  readonly type: string;
  /** The key in the form of RFC 4253 §6.6, base64. */
  readonly blob: string;
  /** As `ssh-keygen -l` prints it: `SHA256:` and 43 characters of base64. */
  readonly fingerprint: string;
  readonly createdAt: string;
  /** ISO 8601, to the hour: when somebody looked it up. */
  readonly lastUsedAt?: string | undefined;
}

/** What an integration's own item says of its keys: whoever deletes it knows from this what goes with it. */
export type SshKeyReference = Pick<SshKey, 'id' | 'fingerprint'>;

/** A key that is added or removed in the transaction of its integration's change. */
export type SshKeyChange = { readonly added: SshKey } | { readonly removed: SshKeyReference };

/**
 * How many keys an integration may have. Each is two rows, and the deletion of an integration is one transaction, which
 * holds a hundred actions: these leave more than half of them to the rest.
 */
export const maximumSshKeys = 20;

/**
 * The integration with one key more.
 *
 * @throws Conflict where it has as many as it may
 */
export function withSshKeyAdded(before: Integration, { id, fingerprint }: SshKeyReference): Integration {
  const { sshKeys = [] } = before;
  if (sshKeys.length >= maximumSshKeys)
    throw new Conflict(`An integration has at most ${maximumSshKeys} SSH keys: revoke one of them.`);
  return { ...before, sshKeys: [...sshKeys, { id, fingerprint }] };
}

/**
 * The integration without the key.
 *
 * @throws NotFound
 */
export function withSshKeyRemoved(before: Integration, id: string): { after: Integration; removed: SshKeyReference } {
  const { sshKeys = [] } = before;
  const removed = sshKeys.find((key) => key.id === id);
  if (removed === undefined) throw new NotFound();
  return { after: { ...before, sshKeys: sshKeys.filter((key) => key !== removed) }, removed };
}

const fingerprintPattern = /^SHA256:[0-9A-Za-z+/]{43}$/;

/**
 * A fingerprint as it is kept, or undefined where the text is none. `-` and `_` stand for `+` and `/`, so that a path may
 * hold one without escapes.
 */
export function fingerprintOf(text: string): string | undefined {
  const fingerprint = text.replaceAll('-', '+').replaceAll('_', '/');
  return fingerprintPattern.test(fingerprint) ? fingerprint : undefined;
}

/** Whose key a fingerprint is. */
export interface SshKeyOwner {
  readonly key: SshKey;
  /**
   * As it counts now under its tenant and its application. What it is granted in single projects is that of the project
   * that was named, which exists; without one it is the list that a token would carry.
   */
  readonly integration: Integration;
}

/** Reads keys, and notes that one was used. */
export interface SshKeyReader {
  /** Every key of an integration, in the order of ids. */
  list(tenant: string, clientId: string): Promise<readonly SshKey[]>;
  get(tenant: string, clientId: string, id: string): Promise<SshKey | undefined>;
  /**
   * The key and its integration; undefined where nobody in the tenant has the key.
   *
   * @param project the only one in which it matters what the integration holds; absent: all
   */
  owner(tenant: string, fingerprint: string, project?: string): Promise<SshKeyOwner | undefined>;
  /** Notes a use at `now` (milliseconds since the epoch), to the hour: at most one write an hour. */
  noteUse(key: SshKey, now: number): Promise<void>;
}
