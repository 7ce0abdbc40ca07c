import { z } from 'zod';
import { scopeSchema } from './access.ts';
import { label } from './storable.ts';

/** What a key looks like: `parley_`, eight characters by which people tell keys apart, 256 bits. */
export const API_KEY_FORMAT = /^(parley_[0-9a-f]{8})_[A-Za-z0-9_-]{43}$/;

const DEFAULT_REQUESTS_PER_MINUTE = 600;
const MAX_REQUESTS_PER_MINUTE = 60_000;

/** POST /v1/admin/api-keys */
export const apiKeyInputSchema = z.strictObject({
  name: label(80),
  scopes: z
    .array(scopeSchema)
    .min(1)
    .transform((scopes) => [...new Set(scopes)]),
  requestsPerMinute: z.number().int().min(1).max(MAX_REQUESTS_PER_MINUTE).default(DEFAULT_REQUESTS_PER_MINUTE),
  /** By default the key does not expire. */
  expiresAt: z.iso.datetime().optional(),
});

/** A key as anybody may see it: what it may do and what became of it, never itself. */
export const apiKeySchema = z.object({
  id: z.uuid(),
  name: z.string(),
  prefix: z.string(),
  scopes: z.array(scopeSchema),
  requestsPerMinute: z.number().int(),
  /** An actor's kind and id, e.g. `person/0190…`. */
  createdBy: z.string(),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime().nullable(),
  revokedAt: z.iso.datetime().nullable(),
  /** Up to a minute late. */
  lastUsedAt: z.iso.datetime().nullable(),
});
export type ApiKeyView = z.infer<typeof apiKeySchema>;

/** `key` is shown this once. */
export const issuedApiKeySchema = apiKeySchema.extend({ key: z.string() });
