import { z } from 'zod';
import { label } from './storable.ts';

/** A name for people and addresses: lower case letters, digits and hyphens. */
const slugSchema = z
  .string()
  .trim()
  .toLowerCase()
  .regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, 'must be letters, digits and hyphens');

export const tenantInputSchema = z.strictObject({
  slug: slugSchema,
  name: label(120),
});
export type TenantInput = z.infer<typeof tenantInputSchema>;

export const tenantViewSchema = z.object({
  id: z.uuid(),
  slug: z.string(),
  name: z.string(),
  status: z.enum(['active', 'suspended']),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});
export type TenantView = z.infer<typeof tenantViewSchema>;
