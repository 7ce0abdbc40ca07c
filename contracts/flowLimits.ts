/** Bounds of a flow. Free of zod, so that the interpreter inside the workflow shares them with the schema. */
export const FLOW_LIMITS = {
  /** Largest definition, in bytes of its JSON: it is part of every conversation's start input. */
  definitionBytes: 64 * 1024,
  steps: 300,
  triggers: 50,
  options: 20,
  variables: 50,
  patterns: 20,
  patternLength: 200,
  expressionLength: 500,
  /** Longest text that a flow sends after its variables are filled in: one Telegram message is 4,096 characters. */
  replyLength: 4_000,
  /** Longest string that a variable may hold. */
  valueLength: 1_000,
  /** Longest part of a visitor's text that a pattern is run over: bounds what a clumsy pattern costs. */
  matchedLength: 500,
  /** Steps that one event may walk through before a person is asked. */
  stepsPerEvent: 100,
  waitSeconds: 7 * 24 * 3600,
} as const;

/** What every expression and `{{text}}` can read beside the flow's own variables. */
export const BUILT_IN_VARIABLES = ['visitorName', 'message', 'now'] as const;
