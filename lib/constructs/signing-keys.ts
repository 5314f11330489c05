import { Stack } from 'aws-cdk-lib';
import { KeySpec, KeyUsage } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import type { SigningAlgorithm } from '../../src/entities/signing-key.ts';
import { environment } from '../../src/environment.ts';
import type { Stage } from '../stage.ts';
import type { EndpointFunction } from './endpoint-function.ts';
import { retainedKey } from './retained-key.ts';

/** How KMS names what JOSE calls `RS256`, `ES256` and `EdDSA`; Ed25519 signs the message, the others its digest. */
const kmsNames = {
  RS256: { keySpec: KeySpec.RSA_2048, signingAlgorithm: 'RSASSA_PKCS1_V1_5_SHA_256', messageType: 'DIGEST' },
  ES256: { keySpec: KeySpec.ECC_NIST_P256, signingAlgorithm: 'ECDSA_SHA_256', messageType: 'DIGEST' },
  EdDSA: { keySpec: KeySpec.ECC_NIST_EDWARDS25519, signingAlgorithm: 'ED25519_SHA_512', messageType: 'RAW' },
} as const satisfies Record<SigningAlgorithm, object>;

/** The deployment's signing keys, one retained KMS key for each declaration of the stage. */
export class SigningKeys extends Construct {
  readonly #keys: readonly (Stage['signingKeys'][number] & { readonly keyArn: string })[];
  readonly #signingAlgorithm: SigningAlgorithm;

  constructor(scope: Construct, id: string, stage: Pick<Stage, 'signingKeys' | 'signingAlgorithm' | 'removalPolicy'>) {
    super(scope, id);
    this.#signingAlgorithm = stage.signingAlgorithm;
    this.#keys = stage.signingKeys.map((declared) => ({
      ...declared,
      keyArn: retainedKey(this, declared.name, {
        description: `Latchkey: signs tokens (${declared.name}, ${declared.algorithm})`,
        keySpec: kmsNames[declared.algorithm].keySpec,
        keyUsage: KeyUsage.SIGN_VERIFY,
        removalPolicy: stage.removalPolicy,
      }).keyArn,
    }));
  }

  /** Lets a function sign with every key that is not revoked, in its own algorithm only. */
  grantSign(fn: EndpointFunction): void {
    for (const [algorithm, { signingAlgorithm, messageType }] of Object.entries(kmsNames)) {
      const keys = this.#keys.filter((key) => key.algorithm === algorithm && key.state !== 'revoked');
      if (keys.length === 0) continue;
      fn.allow({
        actions: ['kms:Sign'],
        resources: keys.map((key) => key.keyArn),
        conditions: { StringEquals: { 'kms:SigningAlgorithm': signingAlgorithm, 'kms:MessageType': messageType } },
      });
    }
    fn.set(environment.signingAlgorithm, this.#signingAlgorithm);
  }

  /** Lets a function read the public keys, and tells it what is declared. */
  grantGetPublicKey(fn: EndpointFunction): void {
    fn.allow({ actions: ['kms:GetPublicKey'], resources: this.#keys.map((key) => key.keyArn) });
    this.describeTo(fn);
  }

  /** Tells a function what is declared: `[{"name","algorithm","keyArn","state"}]`. */
  describeTo(fn: EndpointFunction): void {
    fn.set(environment.signingKeys, this.declaration());
    fn.set(environment.signingAlgorithm, this.#signingAlgorithm);
  }

  /** The declaration as JSON; it changes when a key is added or revoked. */
  declaration(): string {
    return Stack.of(this).toJsonString(
      this.#keys.map(({ name, algorithm, keyArn, state }) => ({ name, algorithm, keyArn, state })),
    );
  }
}
