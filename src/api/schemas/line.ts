import * as z from 'zod/mini';
import { must } from './messages.ts';

/**
 * What people call something: one line, of which something can be seen, and which turns nothing around it: pages show
 * names in the middle of sentences that somebody decides on (Unicode UAX #9, §2.6).
 */
export const line = z
  .string({ error: must('a string') })
  .check(
    z.regex(
      /^(?=.*[^\p{White_Space}\p{Default_Ignorable_Code_Point}])[^\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]{1,100}$/u,
      'must be 1 to 100 characters on one line, not all of them blank, and none that turns text around',
    ),
  );
