import { type AdminApi, WorkloadFailure } from './admin-api.ts';
import {
  credentialsText,
  newClientSecret,
  parseCredentials,
  type SecretVersions,
  type WorkloadCredentials,
} from './workload-credentials.ts';

export interface RotationPorts {
  readonly versions: SecretVersions;
  readonly api: AdminApi;
  /** Whether the token endpoint takes the credentials. @throws WorkloadFailure where it cannot be asked */
  readonly authenticates: (credentials: WorkloadCredentials) => Promise<boolean>;
  readonly tokenEndpoint: string;
  /** How long the secret before stays good, in seconds. */
  readonly overlapSeconds: number;
}

/** One step of a rotation, in the name of the version that it makes. */
type Step = (ports: RotationPorts, versionId: string) => Promise<void>;

/**
 * The four steps in which Secrets Manager rotates a secret. Each may be repeated, or cut off and repeated: what is
 * `AWSCURRENT` works throughout, the former secret for the overlap and the new one from the moment it is made.
 *
 * @see https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html
 */
export const rotationSteps = {
  createSecret: async ({ versions, api, tokenEndpoint, overlapSeconds }, versionId) => {
    const isMade = async () => (await versions.read('AWSPENDING', versionId)) !== undefined;
    if (await isMade()) return;
    const text = await versions.read('AWSCURRENT');
    if (text === undefined) throw new WorkloadFailure('the secret has no value yet: there is nothing to rotate');
    const { client_id: clientId, client_secret: kept, ...others } = parseCredentials(text);
    const request = { clientId, kept, expireOthersIn: overlapSeconds, isDone: isMade };
    const clientSecret = await newClientSecret(api, request);
    if (clientSecret === undefined) return;
    // Where another call has written this version, its secret is the one that is tested.
    await versions.write(credentialsText(others, { clientId, clientSecret, tokenEndpoint }), 'AWSPENDING', versionId);
  },

  // The authorization server has the new secret already: it made it.
  setSecret: async () => undefined,

  testSecret: async ({ versions, authenticates }, versionId) => {
    const text = await versions.read('AWSPENDING', versionId);
    // Secrets Manager tries a new rotation function with a version that has no value.
    if (text === undefined || (await authenticates(parseCredentials(text)))) return;
    // It will never work: without its label, the next rotation makes another.
    await versions.moveStage('AWSPENDING', { from: versionId });
    throw new WorkloadFailure('the token endpoint refuses the new secret: the next rotation makes another');
  },

  finishSecret: async ({ versions }, versionId) => {
    if ((await versions.read('AWSPENDING', versionId)) === undefined)
      throw new WorkloadFailure('the new version has no value: createSecret comes first');
    const current = Object.entries(await versions.stages()).find(([, stages]) => stages.includes('AWSCURRENT'));
    await versions.moveStage('AWSCURRENT', { to: versionId, from: current?.[0] });
  },
} as const satisfies Record<string, Step>;

export type RotationStep = keyof typeof rotationSteps;

/**
 * Does one step, unless the version has become current meanwhile.
 *
 * @throws WorkloadFailure where the version is not one that is being made, and for whatever kept the step from its end
 */
export async function rotate(ports: RotationPorts, step: RotationStep, versionId: string): Promise<void> {
  const stages = (await ports.versions.stages())[versionId] ?? [];
  if (stages.includes('AWSCURRENT')) return;
  if (!stages.includes('AWSPENDING')) throw new WorkloadFailure('the version is not staged AWSPENDING');
  await rotationSteps[step](ports, versionId);
}
