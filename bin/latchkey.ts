import { LatchkeyApp } from '../lib/latchkey-app.ts';
import { stage } from '../lib/stage.ts';
import { triedOptions } from '../lib/tried-options.ts';

// The deployment's options go into stage(); lib/stage.ts describes each.
new LatchkeyApp(stage({ ...triedOptions(process.env) }), {
  // The CLI names a folder of its own; without it the assembly goes where the CLI would look for it.
  outdir: process.env.CDK_OUTDIR ?? 'cdk.out',
  validate: process.env.LATCHKEY_VALIDATE !== '0',
}).synth();
