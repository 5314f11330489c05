import * as z from 'zod/mini';
import { type Project, projectKeyPattern } from '../../entities/project.ts';
import { line } from './line.ts';
import { must } from './messages.ts';

/** A project's key: 2 to 10 of `A-Z0-9`, beginning with a letter. */
export const projectKey = z
  .string({ error: must('a string') })
  .check(z.regex(projectKeyPattern, 'must be 2 to 10 of A-Z and 0-9, beginning with a letter'));

/** What a project is created with. */
export const projectCreation = z.strictObject({ key: projectKey, name: line }, { error: must('an object') });

/** What of a project can be changed. */
export const projectChange = z.strictObject({ name: z.optional(line) }, { error: must('an object') });

/** A project as it is answered. */
export const projectAnswer = z.strictObject({ key: z.string(), name: z.string() });

/** The answer's form of a project. */
export function projectBody({ key, name }: Project): z.output<typeof projectAnswer> {
  return { key, name };
}
