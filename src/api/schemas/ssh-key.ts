import * as z from 'zod/mini';
import { heldRights } from './held-rights.ts';
import { line } from './line.ts';
import { must } from './messages.ts';
import { pageOf } from './page.ts';
import { projectKey } from './project.ts';

/** An SSH key's id. */
export const sshKeyId = z.string().check(z.regex(/^ssh_[0-9A-Za-z]{22}$/));

const maximumKeyLength = 8000;

/** What a key is added with. */
export const sshKeyCreation = z.strictObject(
  {
    name: line,
    /** One line of a `.pub` file. */
    key: z
      .string({ error: must('a string') })
      .check(z.maxLength(maximumKeyLength, `must be of at most ${maximumKeyLength} characters`)),
  },
  { error: must('an object') },
);

const timestamp = z.string().check(z.meta({ format: 'date-time' }));

/** What is shown of a key. */
export const sshKeyAnswer = z.strictObject({
  id: z.string(),
  /** `SHA256:…`, as `ssh-keygen -l` prints it. */
  fingerprint: z.string(),
  type: z.string(),
  name: z.string(),
  created_at: timestamp,
  /** When it was looked up, to the hour; absent where it never was. */
  last_used_at: z.optional(timestamp),
});

export const sshKeyPage = pageOf(sshKeyAnswer);

/** Whose key it is, and what that integration may do now. */
export const sshKeyOwnerAnswer = z.extend(sshKeyAnswer, {
  /** Type and key as an `authorized_keys` file holds them, without a comment. */
  key: z.string(),
  integration: z.strictObject({ client_id: z.string(), name: z.string(), status: z.literal('active') }),
  /** What it holds now, in the global context and in single projects. */
  rights: heldRights,
  /** In how many projects it holds something; only where there are too many to name and the query names none. */
  unnamed_projects: z.optional(z.int()),
});

/** The only project in which it matters what the integration holds; without it, all. */
export const sshKeyLookup = z.strictObject({ project: z.optional(projectKey) });
