import { setTimeout as sleep } from 'node:timers/promises';
import { vi } from 'vitest';
import { createIntegration, tokenOf } from '../../conformance/client.ts';
import type { Outputs } from '../../conformance/running-deployment.ts';
import { succeed } from '../request.ts';

/** The last warning comes a day before the end, and lies ahead of whoever sets an end that is little further off. */
const expires_in = 86_400 + 2;

/** A secret that is warned of by the function that is due when `due` is called: in the log, and to an app's endpoint. */
export async function expiringSecretTour(outputs: Outputs, due: () => void): Promise<void> {
  const token = await tokenOf(outputs, outputs.admin);
  const { client_id } = await createIntegration(outputs, token, ['issues:read']);
  const body = { uri: 'https://app.example/events', verification: 'verification_token' };
  await succeed(outputs, 'setEndpoint', { token, path: { client_id }, body });
  await succeed(outputs, 'addSecret', { token, path: { client_id }, body: { expires_in } });
  await sleep(3000);
  due();
  const query = `object=${client_id}&action=secret.expiring`;
  await vi.waitFor(
    async () => {
      const { body: log } = await succeed(outputs, 'listAuditEvents', { token, query });
      if (log.items.length === 0) throw new Error('no secret was warned of');
    },
    { timeout: 30_000, interval: 200 },
  );
}
