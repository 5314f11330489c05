import { resolve } from 'node:path';
import { demonstrate } from './demonstration.ts';
import { type LocalLatchkey, startLocal } from './deployment.ts';
import type { OriginForm } from './origins.ts';
import { outputsFile, writeOutputs } from './outputs.ts';
import { StartupError } from './startup-error.ts';
import { summary } from './summary.ts';

/**
 * `npm start`. Environment: `PORT` (8787; 0 takes a free one), `LATCHKEY_DATA` (the data folder, `.local`),
 * `LATCHKEY_STORE=memory` keeps nothing but `outputs.json`, `LATCHKEY_ORIGINS=separate` gives each API an origin of its own, as AWS does without a domain.
 */
async function main(environment: NodeJS.ProcessEnv): Promise<void> {
  const { port, store, data, origins } = readEnvironment(environment);
  let deployment: LocalLatchkey | undefined;
  stopOnSignals(() => deployment?.close());
  deployment = await startLocal({
    port,
    dataDirectory: store === 'memory' ? undefined : data,
    origins,
    log: (line) => console.error(line),
  });
  const { demonstration, made } = await demonstrate(deployment.outputs, store === 'memory' ? undefined : data);
  await writeOutputs(data, { ...deployment.outputs, users: demonstration.users, project: demonstration.project });
  console.log(summary(deployment.outputs, outputsFile(data), demonstration, made));
}

/** Whether the process was asked to end: what fails from then on, fails because of it. */
let stopping = false;

/** Ends the process when it is asked to: a start at once, as what is on disk may be left at any moment, else by `close`. */
function stopOnSignals(close: () => Promise<void> | undefined): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, async () => {
      // A second Ctrl-C does not wait for requests under way.
      if (stopping) {
        process.exit(1);
      }
      stopping = true;
      await close();
      process.exit(0);
    });
  }
}

function readEnvironment(environment: NodeJS.ProcessEnv) {
  const { PORT = '8787', LATCHKEY_DATA = '.local', LATCHKEY_STORE = 'disk', LATCHKEY_ORIGINS = 'one' } = environment;
  if (!/^\d{1,5}$/.test(PORT) || Number(PORT) > 65_535) {
    throw new StartupError(`PORT is ${PORT}; it must be a port number, or 0 for a free one`);
  }
  if (LATCHKEY_STORE !== 'disk' && LATCHKEY_STORE !== 'memory') {
    throw new StartupError(`LATCHKEY_STORE is ${LATCHKEY_STORE}; it may be disk or memory`);
  }
  const origins = (['one', 'separate'] satisfies OriginForm[]).find((form) => form === LATCHKEY_ORIGINS);
  if (origins === undefined) {
    throw new StartupError(`LATCHKEY_ORIGINS is ${LATCHKEY_ORIGINS}; it may be one or separate`);
  }
  return {
    port: Number(PORT),
    store: LATCHKEY_STORE,
    data: resolve(LATCHKEY_DATA),
    origins,
  };
}

function fail(error: unknown): void {
  if (stopping) {
    return;
  }
  if (error instanceof StartupError) {
    console.error(`latchkey: ${error.message}`);
  } else {
    console.error(error);
  }
  process.exit(1);
}

main(process.env).catch(fail);
