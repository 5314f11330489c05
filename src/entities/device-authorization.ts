import type { RandomBytes } from './identifiers.ts';
import type { TokenFamily } from './token-family.ts';

/**
 * A device that waits for a person to allow it at another one (RFC 8628). The device code is kept by its hash alone,
 * under its tenant: polled by a client of another tenant it does not exist.
 */
export interface DeviceAuthorization {
  readonly tenant: string;
  /** SHA-256 of the device code, base64url. */
  readonly codeHash: string;
  /** Eight characters, without the hyphen. */
  readonly userCode: string;
  readonly clientId: string;
  /** What the device asked for, as it asked: each parameter's values. Decided on again when somebody allows it. */
  readonly parameters: Readonly<Record<string, readonly string[]>>;
  /** Keys of the projects that it names among them. */
  readonly projects?: readonly string[] | undefined;
  readonly createdAt: string;
  /** ISO 8601. */
  readonly expiresAt: string;
  /** Seconds that the client must leave between two polls; each poll too early adds five (RFC 8628 §3.5). */
  readonly intervalSeconds: number;
  /** When it was polled last; absent: not yet. */
  readonly polledAt?: string | undefined;
  /** Absent as long as nobody decided. */
  readonly verdict?: 'allowed' | 'denied' | undefined;
  /** Where it was allowed: what its redemption begins, save who redeems it and what is known only then. */
  readonly begins?: Omit<TokenFamily, 'credential' | 'refresh'> | undefined;
  /** Whether it was redeemed; it is spent then. */
  readonly redeemed?: true | undefined;
}

/** Where a user code leads to. */
export interface UserCodeTarget {
  readonly tenant: string;
  readonly codeHash: string;
  readonly clientId: string;
  /** Keys of the projects that the device names, so that what its client holds there is read with the client. */
  readonly projects?: readonly string[] | undefined;
  /** ISO 8601. */
  readonly expiresAt: string;
}

export interface DeviceAuthorizationStore {
  /** Keeps a new one; false where its user code is taken by one that has not run out: another code is tried. */
  create(authorization: DeviceAuthorization, now: number): Promise<boolean>;
  get(tenant: string, codeHash: string): Promise<DeviceAuthorization | undefined>;
  /** Where a user code leads to, of whichever tenant; it may have run out. */
  findByUserCode(userCode: string): Promise<UserCodeTarget | undefined>;
  /**
   * Notes a poll that was answered with "pending", and the interval from now on.
   *
   * @returns whether it was noted; false: another poll came at the same moment, or somebody decided
   */
  notePoll(before: DeviceAuthorization, polledAt: string, intervalSeconds: number): Promise<boolean>;
  /**
   * Decides, once: with it the user code is gone.
   *
   * @param begins what is allowed; undefined: denied
   * @returns whether this call did; false: somebody was first
   */
  decide(authorization: DeviceAuthorization, begins: DeviceAuthorization['begins']): Promise<boolean>;
  /**
   * Spends the device code and begins its family, in one transaction. Of ten at once one succeeds.
   *
   * @returns whether this call did
   */
  redeem(authorization: DeviceAuthorization, family: TokenFamily): Promise<boolean>;
}

/** RFC 8628 §6.1: no vowels, so that no word comes of it, and nothing that is taken for something else. */
const alphabet = 'BCDFGHJKLMNPQRSTVWXZ';
const userCodeLength = 8;

/** A user code of 34 bits without bias (bytes of 240 and above are drawn again). */
export function newUserCode(randomBytes: RandomBytes): string {
  let code = '';
  while (code.length < userCodeLength) {
    for (const byte of randomBytes(userCodeLength + 4)) {
      if (byte < 240 && code.length < userCodeLength) code += alphabet[byte % alphabet.length];
    }
  }
  return code;
}

/** As people read it: `XXXX-XXXX`. */
export const shownUserCode = (userCode: string) => `${userCode.slice(0, 4)}-${userCode.slice(4)}`;

const typedPattern = new RegExp(`^[${alphabet}]{${userCodeLength}}$`);

/** The user code that somebody typed, in whatever case and however parted, or undefined where it cannot be one. */
export function typedUserCode(text: string): string | undefined {
  const code = text.replaceAll(/[\s\p{Dash_Punctuation}]/gu, '').toUpperCase();
  return typedPattern.test(code) ? code : undefined;
}
