import * as z from 'zod/mini';
import { must } from './messages.ts';

/** What people call something: one line, of which something can be seen. */
export const line = z
  .string({ error: must('a string') })
  .check(
    z.regex(
      /^(?=.*\P{White_Space})[^\p{Cc}\p{Zl}\p{Zp}]{1,100}$/u,
      'must be 1 to 100 characters on one line, not all of them blank',
    ),
  );
