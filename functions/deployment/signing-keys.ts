import { keyRotation } from '../../src/adapters/dynamodb/key-rotation.ts';
import { dueSteps } from '../../src/entities/signing-key-life.ts';
import { metrics } from '../../src/environment.ts';
import { keySetMaxAgeSeconds } from '../../src/oauth/jwks.ts';
import { once } from '../../src/once.ts';
import { declaredSigningKeys, signingAlgorithm } from '../shared/declaration.ts';
import { logger } from '../shared/logger.ts';
import { measure } from '../shared/metrics.ts';
import { clock } from '../shared/services.ts';
import { table } from '../shared/table.ts';

const rotation = once(() => keyRotation(table()));

/** Once a day: moves signing keys on, and tells how many can sign what is signed now. */
export async function handler(): Promise<void> {
  const declared = declaredSigningKeys();
  for (const step of dueSteps(declared, await rotation().list(), keySetMaxAgeSeconds, clock.now())) {
    const taken = await rotation().take(step);
    for (const { before, after } of taken ? step : [])
      logger.info('signing key changed its state', { kid: after.kid, from: before?.state, to: after.state });
  }
  const active = (await rotation().list()).filter(
    (key) => key.state === 'active' && key.algorithm === signingAlgorithm(),
  );
  measure(metrics.activeSigningKeys, active.length);
}
