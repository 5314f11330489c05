import type { User } from '../entities/user.ts';

/** The claims that each scope opens (OIDC Core §5.4), as far as they are known of a user. */
const claimsOf = {
  profile: ({ name, username }: User) => ({ name, preferred_username: username }),
  // Nobody has shown yet that mail sent there arrives.
  email: ({ email }: User) => ({ email, email_verified: false }),
} as const;

/** Their names, for the metadata. */
export const userClaimNames = ['name', 'preferred_username', 'email', 'email_verified'] as const;

/** What the scopes `profile` and `email`, where they are among these, say of the user. */
export function userClaims(user: User, scopes: readonly string[]): Readonly<Record<string, unknown>> {
  return {
    ...(scopes.includes('profile') && claimsOf.profile(user)),
    ...(scopes.includes('email') && claimsOf.email(user)),
  };
}
