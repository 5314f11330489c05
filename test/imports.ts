import { globSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';

const root = join(import.meta.dirname, '..');

/** One import of a file: a path from the project's root, or a package. */
export interface Import {
  readonly target: string;
  /** Nothing of it is there when the program runs. */
  readonly typeOnly: boolean;
}

/** The project's source files by their paths from its root. */
export function sourceFiles(...patterns: readonly string[]): string[] {
  return patterns.flatMap((pattern) => globSync(pattern, { cwd: root })).sort();
}

export function readSource(file: string): string {
  return readFileSync(join(root, file), 'utf8');
}

const statement = /^(?:import|export)\s+(type\s+)?(?:([^'";]*?)\s*from\s+)?'([^']+)'/gm;
const dynamic = /\bimport\(\s*'([^']+)'\s*\)/g;

/** What a file imports or exports again. */
export function importsOf(file: string, source: string = readSource(file)): Import[] {
  const found = [...source.matchAll(statement)].map(([, type, names, specifier = '']) => ({
    target: resolved(file, specifier),
    typeOnly: type !== undefined || onlyTypes(names ?? ''),
  }));
  const later = [...source.matchAll(dynamic)].map(([, specifier = '']) => ({
    target: resolved(file, specifier),
    typeOnly: false,
  }));
  return [...found, ...later];
}

function onlyTypes(names: string): boolean {
  const named = /^\{(.*)\}$/s.exec(names)?.[1];
  return named?.split(',').every((name) => name.trim() === '' || name.trim().startsWith('type ')) ?? false;
}

function resolved(file: string, specifier: string): string {
  return specifier.startsWith('.') ? posix.join(posix.dirname(file), specifier) : specifier;
}
