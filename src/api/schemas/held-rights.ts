import * as z from 'zod/mini';
import type { Holdings } from '../../entities/holdings.ts';

/** Where a right is held or asked for: globally, or in one project. */
export const context = z.union([z.literal('global'), z.strictObject({ project: z.string() })]);

/** Rights, each with its context; one that is held in several projects comes several times. */
export const heldRights = z.array(z.strictObject({ right: z.string(), context }));

/** The answer's form of rights and where they are held. */
export function heldRightsBody({ global, byProject }: Holdings): z.output<typeof heldRights> {
  return [
    ...global.map((right) => ({ right, context: 'global' as const })),
    ...Object.entries(byProject).flatMap(([project, rights]) =>
      rights.map((right) => ({ right, context: { project } })),
    ),
  ];
}
