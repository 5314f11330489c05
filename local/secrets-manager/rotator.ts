import { randomUUID } from 'node:crypto';
import {
  assertNotRotating,
  type InvokeRotation,
  nextRotationAt,
  pendingVersion,
  type RotationEvent,
  rotationSteps,
  withoutPending,
  withPendingVersion,
} from './rotation.ts';
import type { Secret } from './secret.ts';
import type { SecretStore } from './secret-store.ts';

/** How often it is looked for secrets whose time has come, and for rotations that did not end. */
const lookMilliseconds = 60_000;

/** What rotates secrets: by their schedules while it runs, and when it is asked to. */
export class Rotator {
  readonly #store: SecretStore;
  readonly #underWay = new Map<string, Promise<string | undefined>>();
  #invoke: InvokeRotation | undefined;

  constructor(store: SecretStore) {
    this.#store = store;
  }

  /** Begins to follow the schedules; ended by the answer, once rotations under way have ended. */
  follow(invoke: InvokeRotation, log: (line: string) => void): () => Promise<void> {
    this.#invoke = invoke;
    const look = () => {
      for (const secret of this.#store.all().filter((each) => isDue(each, Date.now()))) {
        void this.rotate(secret.arn).then((failure) => failure !== undefined && log(`${secret.name}: ${failure}`));
      }
    };
    const timer = setInterval(look, lookMilliseconds).unref();
    return async () => {
      clearInterval(timer);
      await Promise.all(this.#underWay.values());
      this.#invoke = undefined;
    };
  }

  /**
   * Takes up how a template says that a secret is rotated: at once where it says so and this is new, else its function is
   * tried with `testSecret` alone (Secrets Manager API Reference, `RotateSecret RotateImmediately`).
   *
   * @returns why it failed, if it did
   */
  async schedule(
    secretId: string,
    schedule: { functionArn: string; intervalMilliseconds?: number | undefined; immediately: boolean },
  ): Promise<string | undefined> {
    const { functionArn, intervalMilliseconds, immediately } = schedule;
    const former = this.#store.find(secretId).rotation;
    const { arn } = await this.#store.update(secretId, (secret) => ({
      ...secret,
      rotation: {
        since: Date.now(),
        ...former,
        functionArn,
        ...(intervalMilliseconds !== undefined && { intervalMilliseconds }),
      },
    }));
    const isNew = former?.functionArn !== functionArn || former.intervalMilliseconds !== intervalMilliseconds;
    if (!isNew) {
      return undefined;
    }
    return immediately ? this.rotate(arn) : this.#try(arn);
  }

  /**
   * Rotates a secret, or goes on with a rotation that did not end, in whose version's name every step is repeated.
   *
   * @returns why it failed, if it did
   */
  async rotate(secretId: string, token: string = randomUUID()): Promise<string | undefined> {
    const { arn } = this.#store.find(secretId);
    const running = this.#underWay.get(arn) ?? this.#rotate(arn, token).finally(() => this.#underWay.delete(arn));
    this.#underWay.set(arn, running);
    return running;
  }

  /** @throws {AwsError} where a rotation has not ended, which is then gone on with */
  begin(secretId: string, token: string): void {
    try {
      assertNotRotating(this.#store.find(secretId));
    } finally {
      void this.rotate(secretId, token);
    }
  }

  async #rotate(arn: string, token: string): Promise<string | undefined> {
    const id = pendingVersion(this.#store.find(arn)) ?? token;
    await this.#store.update(arn, (secret) => withPendingVersion(secret, id, Date.now()));
    for (const Step of rotationSteps) {
      const failure = await this.#step(arn, id, Step);
      if (failure !== undefined) {
        return failure;
      }
    }
    await this.#store.update(arn, (secret) =>
      secret.rotation === undefined
        ? secret
        : { ...secret, rotation: { ...secret.rotation, lastRotatedAt: Date.now() } },
    );
    return undefined;
  }

  async #try(arn: string): Promise<string | undefined> {
    const id = randomUUID();
    await this.#store.update(arn, (secret) => withPendingVersion(secret, id, Date.now()));
    try {
      return await this.#step(arn, id, 'testSecret');
    } finally {
      await this.#store.update(arn, (secret) => withoutPending(secret, id));
    }
  }

  async #step(SecretId: string, ClientRequestToken: string, Step: RotationEvent['Step']): Promise<string | undefined> {
    const { rotation } = this.#store.find(SecretId);
    if (rotation === undefined || this.#invoke === undefined) {
      return 'nothing rotates it';
    }
    const failure = await this.#invoke(rotation.functionArn, { Step, SecretId, ClientRequestToken });
    return failure === undefined ? undefined : `rotation, ${Step}: ${failure}`;
  }
}

/** Whether a secret's time has come, or a rotation of it did not end. */
function isDue(secret: Secret, now: number): boolean {
  const next = nextRotationAt(secret);
  return secret.rotation !== undefined && (pendingVersion(secret) !== undefined || (next !== undefined && next <= now));
}
