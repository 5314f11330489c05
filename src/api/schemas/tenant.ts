import * as z from 'zod/mini';
import { longestPersonalAccessTokenDays } from '../../entities/personal-access-token.ts';
import type { Tenant } from '../../entities/tenant.ts';
import { line } from './line.ts';
import { must } from './messages.ts';

/** Bytes of a logo; pages carry it in themselves. */
const largestLogo = 32 * 1024;

/** What the bytes of an image begin with, as base64 writes it. */
const imageForm = /^data:image\/(?:png;base64,iVBORw0KG|jpeg;base64,\/9j\/|webp;base64,UklGR)[A-Za-z0-9+/]*={0,2}$/;

/** A logo that pages carry in themselves. */
export const logo = z.string({ error: must('a data URI') }).check(
  z.regex(imageForm, { error: 'must be a data URI of a PNG, JPEG or WebP image, written in base64', abort: true }),
  z.refine((uri) => {
    const written = uri.slice(uri.indexOf(',') + 1);
    return written.length % 4 === 0 && (written.length / 4) * 3 <= largestLogo;
  }, 'must be an image of at most 32 kB'),
);

const colour = z
  .string({ error: must('a colour') })
  .check(z.toLowerCase(), z.regex(/^#[0-9a-f]{6}$/, 'must be a colour such as #1a73e8'));

const daysMessage = `must be a whole number of days from 1 to ${longestPersonalAccessTokenDays}`;
const days = z
  .int(daysMessage)
  .check(z.minimum(1, daysMessage), z.maximum(longestPersonalAccessTokenDays, daysMessage));

/** What may be changed; absent members stay as they are, and null takes one away. */
export const tenantChange = z.strictObject(
  {
    name: z.optional(line),
    branding: z.optional(
      z.strictObject(
        { logo: z.optional(z.nullable(logo)), colour: z.optional(z.nullable(colour)) },
        { error: must('an object') },
      ),
    ),
    policy: z.optional(
      z.strictObject(
        {
          second_factor_required: z.optional(z.boolean({ error: must('true or false') })),
          personal_access_token_maximum_days: z.optional(days),
        },
        { error: must('an object') },
      ),
    ),
  },
  { error: must('an object') },
);

export const tenantAnswer = z.strictObject({
  tenant: z.string(),
  name: z.string(),
  branding: z.strictObject({ logo: z.nullable(z.string()), colour: z.nullable(z.string()) }),
  policy: z.strictObject({
    second_factor_required: z.boolean(),
    personal_access_token_maximum_days: z.int(),
  }),
});

/** The answer's form of a tenant; what was never chosen is as it is by default. */
export function tenantBody({ tenant, name, branding, policy }: Tenant): z.output<typeof tenantAnswer> {
  return {
    tenant,
    name,
    branding: { logo: branding?.logo ?? null, colour: branding?.colour ?? null },
    policy: {
      second_factor_required: policy?.secondFactorRequired ?? false,
      personal_access_token_maximum_days: policy?.personalAccessTokenMaximumDays ?? longestPersonalAccessTokenDays,
    },
  };
}
