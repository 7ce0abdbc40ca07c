import { z } from 'zod';
import { roleSchema } from './access.ts';

/** PATCH /v1/admin/members/:id */
export const memberPatchSchema = z.strictObject({ role: roleSchema });

/** A person who belongs to a tenant; `id` is the person's. */
export const memberSchema = z.object({
  id: z.uuid(),
  name: z.string(),
  email: z.string(),
  role: roleSchema,
  /** When they became a member. */
  createdAt: z.iso.datetime(),
});
export type MemberView = z.infer<typeof memberSchema>;
