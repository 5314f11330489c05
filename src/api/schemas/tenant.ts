import * as z from 'zod/mini';

export const tenantAnswer = z.strictObject({ tenant: z.string(), name: z.string() });
