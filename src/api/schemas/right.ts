import * as z from 'zod/mini';
import { pageOf } from './page.ts';

/** A right of the catalogue. */
export const rightAnswer = z.strictObject({
  name: z.string(),
  title: z.string(),
  category: z.string(),
  level: z.enum(['global', 'project']),
  /** The identifier of the API it belongs to: its base URL, which `resource` and `aud` name (RFC 8707 §2). */
  api: z.string(),
  implies: z.array(z.string()),
});

export const rightPage = pageOf(rightAnswer);
