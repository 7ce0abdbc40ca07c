import { z } from 'zod';
import { label, storable } from './storable.ts';

const MAX_INSTRUCTIONS = 8_000;
const MAX_GREETING = 1_000;

export const agentSlugSchema = z
  .string()
  .max(64)
  .regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, 'must be like `order-desk`');

const fields = {
  /** What a client names the agent by; unique in the tenant. */
  slug: agentSlugSchema,
  /** Under which it speaks. */
  name: label(80),
  /** What it is to do and how it is to speak, beside the rules that hold for every answer. */
  instructions: storable(z.string().trim().max(MAX_INSTRUCTIONS)),
  /** Its first words; null for none. */
  greeting: label(MAX_GREETING).nullable(),
  /** Tried before the AI. */
  flowId: z.uuid().toLowerCase().nullable(),
  /** Switched off it begins no conversation and answers in none; what was said stays readable. */
  enabled: z.boolean(),
};

/** A new agent: what is absent takes its default. */
export const aiAgentInputSchema = z.strictObject({
  ...fields,
  instructions: fields.instructions.default(''),
  greeting: fields.greeting.default(null),
  flowId: fields.flowId.default(null),
  enabled: fields.enabled.default(true),
});
export type AiAgentInput = z.infer<typeof aiAgentInputSchema>;

/** A change: each field that is there replaces what is stored. Conversations that began keep the agent as it was. */
export const aiAgentPatchSchema = z.strictObject(fields).partial();
export type AiAgentPatch = z.infer<typeof aiAgentPatchSchema>;

/** An agent as the admin API shows it. */
export const aiAgentViewSchema = z.object({
  id: z.uuid(),
  slug: z.string(),
  name: z.string(),
  instructions: z.string(),
  greeting: z.string().nullable(),
  flowId: z.uuid().nullable(),
  enabled: z.boolean(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});
export type AiAgentView = z.infer<typeof aiAgentViewSchema>;
