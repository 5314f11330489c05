import { type AppOptions, type RunningApp, startApp } from './app.ts';
import { type LocalOutputs, latchkeyOutputs } from './outputs.ts';

/** Latchkey itself, running on this machine. */
export interface LocalLatchkey extends Omit<RunningApp, 'outputs'> {
  readonly outputs: LocalOutputs;
}

/**
 * Serves Latchkey.
 *
 * @throws {StartupError} with one line that says why not.
 */
export async function startLocal(options: AppOptions): Promise<LocalLatchkey> {
  const app = await startApp(options);
  try {
    const outputs = await latchkeyOutputs(app.outputs, app.secretText);
    return { ...app, outputs };
  } catch (error) {
    await app.close();
    throw error;
  }
}
