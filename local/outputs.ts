import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { writeDurably } from './aws/durable-file.ts';
import type { Demonstration } from './demonstration.ts';
import { StartupError } from './startup-error.ts';

/** What `outputs.json` holds: addresses, and the credentials of the bootstrap administrator. */
export interface LocalOutputs {
  readonly issuer: string;
  readonly token_endpoint: string;
  /** Ends in `/admin/v1`. */
  readonly admin_url: string;
  /** Ends in `/api/v1`. */
  readonly api_url: string;
  /** The operator's tenant. */
  readonly tenant: string;
  readonly admin: { readonly client_id: string; readonly client_secret: string };
}

const credentialsShape = z.object({
  tenant: z.string(),
  client_id: z.string(),
  client_secret: z.string(),
});

/**
 * Gathers them from the stacks' outputs and the bootstrap administrator's secret.
 *
 * @throws {StartupError} naming what the deployment did not give.
 */
export async function latchkeyOutputs(
  stackOutputs: Readonly<Record<string, string>>,
  secretText: (arn: string) => Promise<string>,
): Promise<LocalOutputs> {
  const output = (name: string): string => {
    const value = stackOutputs[name];
    if (value === undefined) {
      throw new StartupError(`no stack has the output ${name}`);
    }
    return value;
  };
  const credentials = await readCredentials(output('BootstrapSecretArn'), secretText);
  return {
    issuer: output('Issuer'),
    token_endpoint: output('TokenEndpoint'),
    admin_url: output('AdminUrl'),
    api_url: output('ApiUrl'),
    tenant: credentials.tenant,
    admin: { client_id: credentials.client_id, client_secret: credentials.client_secret },
  };
}

async function readCredentials(
  arn: string,
  secretText: (arn: string) => Promise<string>,
): Promise<z.infer<typeof credentialsShape>> {
  try {
    return credentialsShape.parse(JSON.parse(await secretText(arn)));
  } catch {
    throw new StartupError('the bootstrap left no credentials in its secret');
  }
}

/** Where `outputs.json` is in a data folder. */
export const outputsFile = (dataDirectory: string): string => join(dataDirectory, 'outputs.json');

/**
 * Writes `outputs.json`, with the demonstration's users and project in it; the file and its folder are for their owner only.
 *
 * @throws {StartupError} where it cannot be written.
 */
export async function writeOutputs(
  dataDirectory: string,
  outputs: LocalOutputs & Omit<Demonstration, 'tenant'>,
): Promise<void> {
  const file = outputsFile(dataDirectory);
  try {
    await mkdir(dataDirectory, { recursive: true, mode: 0o700 });
    await chmod(dataDirectory, 0o700);
    await writeDurably(file, `${JSON.stringify(outputs, null, 2)}\n`);
  } catch (error) {
    throw new StartupError(`${file} cannot be written: ${error instanceof Error ? error.message : String(error)}`);
  }
}
