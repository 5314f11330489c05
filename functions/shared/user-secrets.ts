import { KMSClient } from '@aws-sdk/client-kms';
import { kmsSecretProtector } from '../../src/adapters/kms/secret-protector.ts';
import type { EnrolmentPorts } from '../../src/authentication/enrolment.ts';
import { type RelyingParty, relyingParty } from '../../src/authentication/passkeys.ts';
import type { SecondFactorPorts } from '../../src/authentication/second-factor.ts';
import type { Tenant } from '../../src/entities/tenant.ts';
import { environment } from '../../src/environment.ts';
import { once } from '../../src/once.ts';
import { clientOptions, randomBytes, variable } from './services.ts';
import { signInPorts } from './sign-in.ts';

/** What second factors are checked and enrolled with; the secrets of users are kept whatever the stage lets be read. */
export const secondFactorPorts = /* @__PURE__ */ once((): SecondFactorPorts & EnrolmentPorts => ({
  ...signInPorts(),
  protector: kmsSecretProtector(new KMSClient(clientOptions), variable(environment.secretKeyArn)),
}));

/** Who relies on the passkeys of a tenant's users: one host for all tenants, each under its own name. */
export const partyOf = ({ name }: Tenant): RelyingParty => relyingParty(variable(environment.issuer), name);

/** A challenge of 256 random bits, base64url (WebAuthn §13.4.3). */
export const newChallenge = () => Buffer.from(randomBytes(32)).toString('base64url');
