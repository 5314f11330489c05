import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { calling } from './calling.ts';
import { deciding } from './deciding.ts';
import { issuing } from './issuing.ts';
import { unpin } from './processor.ts';
import { rendered } from './report.ts';
import { starting } from './starting.ts';

/** `npm run bench`: every measurement, written to docs/benchmarks.md. */
const measurements = [issuing, deciding, starting, calling];

const sections: string[] = [];
for (const measure of measurements) {
  const section = await measure();
  unpin();
  sections.push(rendered(section));
  console.log(`${sections.at(-1)}\n`);
}

const processors = cpus();
const head = `# Benchmarks

Written by \`npm run bench\`; one measurement alone: \`node bench/issuing.ts\`, \`deciding\`, \`starting\`, \`calling\`. Figures are
better quartiles of interleaved rounds of one run: ratios hold on another machine, absolute numbers do not. This run:
Node.js ${process.versions.node}, ${process.platform} ${process.arch}, ${processors.length} × ${processors[0]?.model.trim() ?? 'unknown processor'}.`;

writeFileSync(
  fileURLToPath(new URL('../docs/benchmarks.md', import.meta.url)),
  `${[head, ...sections].join('\n\n')}\n`,
);
