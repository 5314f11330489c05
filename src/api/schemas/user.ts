import * as z from 'zod/mini';
import type { User } from '../../entities/user.ts';
import { line } from './line.ts';
import { must } from './messages.ts';
import { projectKey } from './project.ts';

/** A user's id. */
export const userId = z.string().check(z.regex(/^usr_[0-9A-Za-z]{22}$/));

const username = z.string({ error: must('a string') }).check(
  z.normalize('NFC'),
  z.regex(
    // A character that nobody sees would let two names look the same.
    /^(?!.*\p{Default_Ignorable_Code_Point})[\p{L}\p{Nd}][\p{L}\p{M}\p{Nd}._-]{0,63}$/u,
    'must be 1 to 64 letters, digits, dots, underscores and hyphens, beginning with a letter or digit',
  ),
);

const email = z.email({ error: must('an email address') }).check(z.maxLength(254, 'must be at most 254 characters'));

const role = z.union(
  [
    z.enum(['administrator', 'developer', 'member']),
    z.strictObject({ role: z.literal('project_administrator'), project: projectKey }),
  ],
  {
    error:
      'must be "administrator", "developer", "member" or {"role":"project_administrator","project":"…"} with a project\'s key',
  },
);

const roles = z.array(role, { error: must('a list of roles') }).check(
  z.minLength(1, 'must name at least one role'),
  z.maxLength(20, 'must name at most 20 roles'),
  z.refine(
    (given) => new Set(given.map((each) => JSON.stringify(each))).size === given.length,
    'must name each role once',
  ),
);

/** What a user is created with. */
export const userCreation = z.strictObject({ username, email, name: line, roles }, { error: must('an object') });

/** What may be changed; absent members stay as they are. */
export const userChange = z.strictObject(
  {
    name: z.optional(line),
    email: z.optional(email),
    roles: z.optional(roles),
    status: z.optional(z.enum(['active', 'disabled'], { error: must('"active" or "disabled"') })),
  },
  { error: must('an object') },
);

/** A user as it is answered. */
export const userAnswer = z.strictObject({
  id: z.string(),
  username: z.string(),
  email: z.string(),
  name: z.string(),
  roles: z.array(role),
  status: z.enum(['active', 'disabled']),
});

const passwordLink = z.string().check(z.meta({ format: 'uri' }));

/** A user who was just made, and the one-time link with which they set their password. */
export const createdUserAnswer = z.extend(userAnswer, { password_link: passwordLink });

/** A one-time link to set a password; the one before it opens nothing any more. */
export const passwordLinkAnswer = z.strictObject({
  password_link: passwordLink,
  expires_at: z.string().check(z.meta({ format: 'date-time' })),
});

/** The answer's form of a user. */
export function userBody({ id, username, email, name, roles, status }: User): z.output<typeof userAnswer> {
  return { id, username, email, name, roles: [...roles], status };
}
