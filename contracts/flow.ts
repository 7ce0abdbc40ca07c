import { z } from 'zod';
import { FLOW_LIMITS } from './flowLimits.ts';
import { choiceSchema } from './message.ts';

const stepId = z
  .string()
  .regex(/^[A-Za-z][\w-]{0,63}$/, 'must start with a letter and hold only letters, digits, "_" and "-" (64 at most)');
const variableName = z
  .string()
  .regex(/^[A-Za-z]\w{0,39}$/, 'must start with a letter and hold only letters, digits and "_" (40 at most)');
const text = z.string().trim().min(1).max(FLOW_LIMITS.replyLength);
const pattern = z.string().min(1).max(FLOW_LIMITS.patternLength);
const expression = z.string().trim().min(1).max(FLOW_LIMITS.expressionLength);
const literal = z.union([z.string().max(FLOW_LIMITS.valueLength), z.number(), z.boolean(), z.null()]);

/** How often a visitor may answer in vain before the step goes to `otherwise`, or to a person when there is none. */
const maxAttempts = z.number().int().min(1).max(10).default(3);

export const flowTriggerSchema = z.discriminatedUnion('on', [
  /** The first message of a conversation, unless a more specific trigger matches it. */
  z.strictObject({ on: z.literal('first_message'), start: stepId }),
  /** Whole words, ignoring case, punctuation and spacing; `exact` wants nothing else in the message. */
  z.strictObject({
    on: z.literal('keyword'),
    keywords: z.array(z.string().trim().min(1).max(80)).min(1).max(50),
    exact: z.boolean().default(false),
    start: stepId,
  }),
  /** A JavaScript pattern with the flags `iu`; named groups become variables. */
  z.strictObject({ on: z.literal('regex'), pattern, start: stepId }),
  /** A choice that was pressed outside its own step, e.g. under an older message. */
  z.strictObject({ on: z.literal('button'), choiceId: choiceSchema.shape.id, start: stepId }),
]);
export type FlowTrigger = z.infer<typeof flowTriggerSchema>;

const length = z.number().int().min(1).max(FLOW_LIMITS.valueLength);

export const inputValidationSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('text'), min: length.default(1), max: length.default(FLOW_LIMITS.valueLength) }),
  z.strictObject({ kind: z.literal('email') }),
  z.strictObject({ kind: z.literal('phone') }),
  z.strictObject({
    kind: z.literal('number'),
    min: z.number().optional(),
    max: z.number().optional(),
    integer: z.boolean().default(false),
  }),
  /** A JavaScript pattern with the flags `iu` that must match the whole answer. */
  z.strictObject({ kind: z.literal('regex'), pattern }),
]);
export type InputValidation = z.infer<typeof inputValidationSchema>;

export const flowOptionSchema = choiceSchema.extend({ next: stepId.optional() }).strict();
export type FlowOption = z.infer<typeof flowOptionSchema>;

const messageStep = z.strictObject({ type: z.literal('message'), text, next: stepId.optional() });

const choicesStep = z.strictObject({
  type: z.literal('choices'),
  text,
  options: z.array(flowOptionSchema).min(1).max(FLOW_LIMITS.options),
  /** Receives the id of the option that was taken. */
  variable: variableName.optional(),
  /** Said instead of `text` when the answer is none of the options. */
  retryText: text.optional(),
  maxAttempts,
  /** Where options without a `next` of their own lead. */
  next: stepId.optional(),
  otherwise: stepId.optional(),
});

const inputStep = z.strictObject({
  type: z.literal('input'),
  text,
  variable: variableName,
  validation: inputValidationSchema,
  /** Said when the answer is not valid. */
  error: text,
  maxAttempts,
  next: stepId.optional(),
  otherwise: stepId.optional(),
});

/** A CEL expression that is true or false; `otherwise` also when it cannot be evaluated. */
const conditionStep = z.strictObject({
  type: z.literal('condition'),
  when: expression,
  next: stepId.optional(),
  otherwise: stepId.optional(),
});

/** All values are computed from the variables as they were before the step; none is set when one fails. */
const setStep = z.strictObject({
  type: z.literal('set'),
  values: z.record(variableName, z.union([literal, z.strictObject({ cel: expression })])),
  next: stepId.optional(),
  otherwise: stepId.optional(),
});

const waitStep = z.strictObject({
  type: z.literal('wait'),
  seconds: z.number().int().min(1).max(FLOW_LIMITS.waitSeconds),
  next: stepId.optional(),
});

/** `reason` is for the agents; `text`, when given, is said to the visitor instead of the site's own hand-over words. */
const handoverStep = z.strictObject({
  type: z.literal('handover'),
  text: text.optional(),
  reason: z.string().trim().min(1).max(200).default('requested'),
});

/** `next` after an answer; `otherwise` (or a person, when there is none) when AI has none. */
const aiStep = z.strictObject({ type: z.literal('ai'), next: stepId.optional(), otherwise: stepId.optional() });

const jumpStep = z.strictObject({ type: z.literal('jump'), next: stepId });

/** `text`, when given, is said to the visitor instead of the site's own closing words. */
const closeStep = z.strictObject({ type: z.literal('close'), text: text.optional() });

/** Where `next` is left out the flow rests: the visitor's next message looks for a trigger. */
export const flowStepSchema = z.discriminatedUnion('type', [
  messageStep,
  choicesStep,
  inputStep,
  conditionStep,
  setStep,
  waitStep,
  handoverStep,
  aiStep,
  jumpStep,
  closeStep,
]);
export type FlowStep = z.infer<typeof flowStepSchema>;
export type FlowStepType = FlowStep['type'];
export type FlowStepOf<Type extends FlowStepType> = Extract<FlowStep, { type: Type }>;

/**
 * A flow as it is written, stored and pinned to conversations. The schema checks its shape; what the shape cannot say
 * (dangling steps, expressions, patterns) is checked by `parseFlow` in workflows/flow.
 */
export const flowDefinitionSchema = z.strictObject({
  /** Version of the language, not of the flow. */
  language: z.literal(1),
  name: z.string().trim().min(1).max(120),
  /** Values that variables have before a step sets them. */
  variables: z.record(variableName, literal).default({}),
  triggers: z.array(flowTriggerSchema).min(1).max(FLOW_LIMITS.triggers),
  steps: z
    .record(stepId, flowStepSchema)
    .refine((steps) => Object.keys(steps).length <= FLOW_LIMITS.steps, `must hold at most ${FLOW_LIMITS.steps} steps`),
});
export type FlowDefinition = z.infer<typeof flowDefinitionSchema>;
