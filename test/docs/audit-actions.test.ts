import { globSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { auditActions } from '../../docs/audit-actions.ts';

/** `object.action`, where code says `action: …` or hands it to what makes the event. */
const places = [/\baction: ([^,;}]*)/g, /\b(?:told|eventOf|decided)\(([^()]*)/g, /\bactions?(?:Of)? = \{([^}]*)\}/g];
const literal = /'([a-z_]+\.[a-z_]+)'/g;

const written = new Set(
  globSync('{src,functions}/**/*.ts').flatMap((file) => {
    const text = readFileSync(file, 'utf8');
    return places
      .flatMap((place) => [...text.matchAll(place)])
      .flatMap(([, said = '']) => [...said.matchAll(literal)])
      .map(([, action = '']) => action);
  }),
);

describe('the list of actions', () => {
  it('names every action that the code writes', () => {
    expect([...written].filter((action) => !(action in auditActions)).sort()).toEqual([]);
  });

  it('names none that the code does not write', () => {
    expect(Object.keys(auditActions).filter((action) => !written.has(action))).toEqual([]);
  });
});
