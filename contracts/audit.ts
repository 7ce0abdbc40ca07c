import { z } from 'zod';

/** Who acted: the service token, an API key, a person, or Parley itself (a schedule, a command of the operator). */
export const actorSchema = z.object({
  kind: z.enum(['service', 'apiKey', 'person', 'system']),
  /** The key's or the person's id; null where the kind says it all. */
  id: z.string().nullable(),
});
export type Actor = z.infer<typeof actorSchema>;

/** One line of the audit log. `data` holds ids and names of fields, never secrets, message text or personal data. */
export const auditEntrySchema = z.object({
  id: z.uuid(),
  actor: actorSchema,
  /** What was done, e.g. `site.created`. */
  action: z.string(),
  /** To what, e.g. `site/0190…`. */
  target: z.string(),
  data: z.record(z.string(), z.unknown()),
  ip: z.string().nullable(),
  requestId: z.string().nullable(),
  occurredAt: z.iso.datetime(),
});
export type AuditEntry = z.infer<typeof auditEntrySchema>;
