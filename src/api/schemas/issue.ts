import * as z from 'zod/mini';
import type { Issue } from '../../entities/issue.ts';
import { must } from './messages.ts';

const title = z
  .string({ error: must('a string') })
  .check(
    z.regex(
      /^(?=.*\P{White_Space})[^\p{Cc}\p{Zl}\p{Zp}]{1,200}$/u,
      'must be 1 to 200 characters on one line, not all of them blank',
    ),
  );

// Without control characters a page of issues, a megabyte of them at most, stays within what a function may answer.
const body = z
  .string({ error: must('a string') })
  .check(
    z.maxLength(30_000, 'must be at most 30000 characters'),
    z.regex(/^[^\p{Cc}]*(?:[\t\n\r][^\p{Cc}]*)*$/u, 'must hold no control characters but tabs and line breaks'),
  );

const status = z.enum(['open', 'closed'], { error: must('"open" or "closed"') });

/** What an issue is created with. */
export const issueCreation = z.strictObject({ title, body: z._default(body, '') }, { error: must('an object') });

/** What may be changed of an issue; one member at least. */
export const issueChange = z
  .strictObject(
    { title: z.optional(title), body: z.optional(body), status: z.optional(status) },
    { error: must('an object') },
  )
  .check(z.refine((change) => Object.keys(change).length > 0, 'must name what to change'));

/** A path's issue number: without leading zeros, and of as many digits as are ever given out. */
export const issueNumber = z.pipe(z.string().check(z.regex(/^[1-9][0-9]{0,9}$/)), z.transform(Number));

/** An issue as it is answered. */
export const issueAnswer = z.strictObject({
  number: z.number(),
  title: z.string(),
  body: z.string(),
  status: z.enum(['open', 'closed']),
  author: z.string(),
  created_at: z.string(),
  updated_at: z.string(),
  version: z.number(),
});

/** An issue in a list over all projects: a number alone would not tell which. */
export const issueOfTenantAnswer = z.extend(issueAnswer, { project: z.string() });

/** The answer's form of an issue. */
export function issueBody(issue: Issue): z.output<typeof issueAnswer> {
  const { number, title, body, status, author, createdAt, updatedAt, version } = issue;
  return { number, title, body, status, author, created_at: createdAt, updated_at: updatedAt, version };
}

/** The form of an issue in a list over all projects. */
export function issueOfTenantBody(issue: Issue): z.output<typeof issueOfTenantAnswer> {
  return { project: issue.project, ...issueBody(issue) };
}
