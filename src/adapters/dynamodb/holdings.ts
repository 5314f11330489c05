import * as z from 'zod/mini';

/** Rights and where they are held, as an attribute. */
export const storedHoldings = z.object({
  global: z.array(z.string()),
  byProject: z.record(z.string(), z.array(z.string())),
});

/** How a user proved who they are, as an attribute. */
export const storedMethods = z.array(z.enum(['pwd', 'otp', 'hwk', 'rec', 'fed']));

/** When and how a user signed in, as attributes. */
export const storedAuthentication = { authenticatedAt: z.string(), methods: storedMethods };
