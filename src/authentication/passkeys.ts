import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import * as z from 'zod/mini';
import type { User } from '../entities/user.ts';
import type { Passkey } from '../entities/user-credentials.ts';

/** Who relies on passkeys, as browsers see it (WebAuthn §5.1.2): our host, and pages of our origin alone. */
export interface RelyingParty {
  readonly id: string;
  readonly name: string;
  readonly origin: string;
}

/** @param issuer the issuer identifier, whose host passkeys belong to */
export function relyingParty(issuer: string, name: string): RelyingParty {
  const { hostname, origin } = new URL(issuer);
  return { id: hostname, name, origin };
}

/** What a browser asks an authenticator for, as JSON. */
export type PasskeyOptions = Readonly<Record<string, unknown>>;

/** Of COSE (RFC 9053): EdDSA, ES256, RS256; every authenticator has one of them. */
const algorithms = [-8, -7, -257] as const;

const challengeOf = (challenge: string) => Uint8Array.from(Buffer.from(challenge, 'base64url'));

/**
 * Options for making a passkey (WebAuthn §5.4).
 *
 * @param challenge random, base64url; used once
 */
export async function registrationOptions(
  { id, name }: RelyingParty,
  user: Pick<User, 'id' | 'username' | 'name'>,
  passkeys: readonly Passkey[],
  challenge: string,
): Promise<PasskeyOptions> {
  const options = await generateRegistrationOptions({
    rpID: id,
    rpName: name,
    // Names the user to the authenticator, and says nothing of them (WebAuthn §14.6.1).
    userID: Uint8Array.from(Buffer.from(user.id)),
    userName: user.username,
    userDisplayName: user.name,
    challenge: challengeOf(challenge),
    attestationType: 'none',
    supportedAlgorithmIDs: [...algorithms],
    excludeCredentials: passkeys.map(descriptor),
    authenticatorSelection: { residentKey: 'preferred', userVerification: 'preferred' },
  });
  return { ...options };
}

/** Options for proving that one is there (WebAuthn §5.5). */
export async function authenticationOptions(
  { id }: RelyingParty,
  passkeys: readonly Passkey[],
  challenge: string,
): Promise<PasskeyOptions> {
  const options = await generateAuthenticationOptions({
    rpID: id,
    challenge: challengeOf(challenge),
    allowCredentials: passkeys.map(descriptor),
    userVerification: 'preferred',
  });
  return { ...options };
}

const descriptor = ({ id, transports }: Passkey) => ({ id, transports: [...transports] });

const text = z.string().check(z.maxLength(8192));
const response = {
  id: text,
  rawId: text,
  type: z.literal('public-key'),
  clientExtensionResults: z._default(z.record(z.string(), z.unknown()), {}),
};
const registration = z.object({
  ...response,
  response: z.object({
    clientDataJSON: text,
    attestationObject: text,
    transports: z.optional(z.array(z.string().check(z.maxLength(32))).check(z.maxLength(8))),
  }),
});
const authentication = z.object({
  ...response,
  response: z.object({
    clientDataJSON: text,
    authenticatorData: text,
    signature: text,
    userHandle: z.optional(text),
  }),
});

/** What a browser sent as JSON, in the form that it must have. */
function parsed<Schema extends z.ZodMiniType>(schema: Schema, sent: string): z.output<Schema> | undefined {
  try {
    const result = z.safeParse(schema, JSON.parse(sent));
    return result.success ? result.data : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The passkey that a browser made on our options, or undefined where it is none, is of another origin, or answers another
 * challenge (WebAuthn §7.1).
 */
export async function registeredPasskey(
  sent: string,
  party: RelyingParty,
  challenge: string,
  createdAt: string,
): Promise<Passkey | undefined> {
  const given = parsed(registration, sent);
  if (given === undefined) return undefined;
  try {
    const { verified, registrationInfo } = await verifyRegistrationResponse({
      response: given as Parameters<typeof verifyRegistrationResponse>[0]['response'],
      expectedChallenge: challenge,
      expectedOrigin: party.origin,
      expectedRPID: party.id,
      requireUserVerification: false,
      supportedAlgorithmIDs: [...algorithms],
    });
    if (!verified) return undefined;
    const { id, publicKey, counter } = registrationInfo.credential;
    return {
      id,
      publicKey: Buffer.from(publicKey).toString('base64url'),
      signatures: counter,
      transports: given.response.transports ?? [],
      createdAt,
    };
  } catch {
    // The library throws what is wrong with a response; to us it is one that proves nothing.
    return undefined;
  }
}

/**
 * The passkey that signed, with its counter as it is now, or undefined where none of these did, elsewhere, or for another
 * challenge (WebAuthn §7.2); a counter that does not rise is a copy's.
 */
export async function usedPasskey(
  sent: string,
  party: RelyingParty,
  challenge: string,
  passkeys: readonly Passkey[],
): Promise<Passkey | undefined> {
  const given = parsed(authentication, sent);
  const passkey = passkeys.find(({ id }) => id === given?.id);
  if (given === undefined || passkey === undefined) return undefined;
  try {
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response: given as Parameters<typeof verifyAuthenticationResponse>[0]['response'],
      expectedChallenge: challenge,
      expectedOrigin: party.origin,
      expectedRPID: party.id,
      requireUserVerification: false,
      credential: {
        id: passkey.id,
        publicKey: Uint8Array.from(Buffer.from(passkey.publicKey, 'base64url')),
        counter: passkey.signatures,
      },
    });
    return verified ? { ...passkey, signatures: authenticationInfo.newCounter } : undefined;
  } catch {
    return undefined;
  }
}
