import { type RightName, rightNames, rightOf } from '../src/api/rights.ts';
import type { Route } from '../src/api/route.ts';
import { routes } from '../src/api/routes.ts';

/** docs/rights.md: the catalogue, and the routes that each right opens. */
export function rightsDocument(): string {
  const lines = [
    '# Rights',
    '',
    'Generated from `src/api/rights.ts` and `src/api/routes.ts` by `npm run generate`.',
    '',
    'A `global` right holds for the whole tenant. A `project` right holds in one project or, granted in the global context, in all.',
    '',
  ];
  const categories = new Set(rightNames.map((name) => rightOf(name).category));
  for (const category of categories) {
    lines.push(
      `## ${category}`,
      '',
      '| right | lets its holder | level | API | implies | opens |',
      '| --- | --- | --- | --- | --- | --- |',
    );
    for (const name of rightNames.filter((right) => rightOf(right).category === category)) lines.push(row(name));
    lines.push('');
  }
  return `${lines.join('\n').trimEnd()}\n`;
}

function row(name: RightName): string {
  const { title, level, api, implies = [], operatorOnly } = rightOf(name);
  const opens = Object.values<Route>(routes)
    .filter((route) => route.right === name || route.orRight === name)
    .map((route) => `\`${route.method} /${route.api}${route.path}\``);
  const who = operatorOnly ? "; in the operator's tenant only" : '';
  return `| \`${name}\` | ${title}${who} | ${level} | ${api} | ${implies.map((other) => `\`${other}\``).join(' ')} | ${opens.join('<br>')} |`;
}
