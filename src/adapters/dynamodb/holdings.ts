import * as z from 'zod/mini';
import { once } from '../../once.ts';

/** Rights and where they are held, as an attribute. */
export const storedHoldings = once(() =>
  z.object({
    global: z.array(z.string()),
    byProject: z.record(z.string(), z.array(z.string())),
  }),
);

/** How a user proved who they are, as an attribute. */
export const storedMethods = once(() => z.array(z.enum(['pwd', 'otp', 'hwk', 'rec', 'fed'])));

/** When and how a user signed in, as attributes. */
export const storedAuthentication = once(() => ({ authenticatedAt: z.string(), methods: storedMethods() }));
