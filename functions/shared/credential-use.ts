import { setTimeout as wait } from 'node:timers/promises';
import { credentialUses } from '../../src/adapters/dynamodb/credential-use.ts';
import { type CredentialUseRecorder, usesAfter } from '../../src/entities/credential-use.ts';
import { once } from '../../src/once.ts';
import { noted } from './noted-use.ts';
import { table } from './table.ts';

export const credentialUseStore = once(() => credentialUses(table()));

/** For so long, in milliseconds, a token that is signed waits for the note of its credential's use: longer than a write takes. */
const longestWait = 100;

/** Notes the use of a token's credential. Nothing is asked of the table where the hour is known already. */
export const noteCredentialUse: CredentialUseRecorder = async (client, credential, now) => {
  if (usesAfter(client.credentialUses, client, credential, now) === undefined) return;
  const { clientId: client_id } = client;
  const write = noted(credentialUseStore().note(client, credential, now), { client_id, credential });
  const waited = new AbortController();
  await Promise.race([write, wait(longestWait, undefined, { signal: waited.signal }).catch(() => undefined)]);
  waited.abort();
};
