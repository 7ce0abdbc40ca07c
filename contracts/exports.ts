import { z } from 'zod';
import { visitorSubjectSchema } from './erasure.ts';

/** POST /v1/admin/exports: all of a visitor's, or all of the tenant's. Names of people are in the body: addresses are logged. */
export const exportRequestSchema = z.union([
  z.strictObject({ visitor: visitorSubjectSchema }),
  z.strictObject({ tenant: z.literal(true) }),
]);
