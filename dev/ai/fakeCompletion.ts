import { randomUUID } from 'node:crypto';

/** What the fake endpoint does with the next request. */
export type FakeBehaviour =
  | FakeAnswer
  /** An HTTP error with OpenAI's body; `retryAfter` becomes the header as it is. */
  | { kind: 'error'; status: number; type?: string; code?: string; message?: string; retryAfter?: string }
  /** Takes the request and never answers. */
  | { kind: 'hang' };

export interface FakeAnswer {
  kind: 'answer';
  /** Streamed as one chunk each. */
  pieces: string[];
  /** Before the first piece and between two, in milliseconds. */
  delayMs?: number;
  finishReason?: 'stop' | 'length' | 'content_filter';
  /** After the last piece: the connection breaks, goes silent, an error chunk comes, or it ends without a finish. */
  breaks?: 'disconnect' | 'stall' | 'error_chunk' | 'no_finish' | 'garbage';
}

/** The body of a chat completions request, as far as tests look at it. */
export interface FakeRequestBody {
  model: string;
  stream?: boolean;
  max_tokens?: number;
  messages: { role: string; content: string }[];
}

/** OpenAI's error object. */
export function errorBody(error: { message: string; type: string; code: string | null }): string {
  return JSON.stringify({ error: { ...error, param: null } });
}

/** The `data:` events of one streamed answer, in the order in which OpenAI sends them, up to where it is to break. */
export function streamEvents(model: string, { pieces, finishReason = 'stop', breaks }: FakeAnswer): string[] {
  const head = { ...identity(model), object: 'chat.completion.chunk', system_fingerprint: 'fp_fake' };
  const chunk = (delta: object, finish: string | null = null) =>
    event({ ...head, choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }] });
  const start = [
    chunk({ role: 'assistant', content: '', refusal: null }),
    ...pieces.map((content) => chunk({ content })),
  ];
  switch (breaks) {
    case 'disconnect':
    case 'stall':
    case 'no_finish':
      return start;
    case 'garbage':
      return [...start, 'data: {"choices": [tru\n\n'];
    case 'error_chunk':
      return [
        ...start,
        `data: ${errorBody({ message: 'The server had an error', type: 'server_error', code: null })}\n\n`,
      ];
    case undefined: {
      const usage = event({ ...head, choices: [], usage: usageOf(pieces.length) });
      return [...start, chunk({}, finishReason), usage, 'data: [DONE]\n\n'];
    }
  }
}

/** What a request without `stream: true` is answered with. */
export function wholeCompletion(model: string, { pieces, finishReason = 'stop' }: FakeAnswer): string {
  const message = { role: 'assistant', content: pieces.join(''), refusal: null };
  return JSON.stringify({
    ...identity(model),
    object: 'chat.completion',
    choices: [{ index: 0, message, logprobs: null, finish_reason: finishReason }],
    usage: usageOf(pieces.length),
  });
}

function identity(model: string) {
  return { id: `chatcmpl-${randomUUID()}`, model, created: Math.floor(Date.now() / 1_000) };
}

function usageOf(completionTokens: number) {
  return { prompt_tokens: 100, completion_tokens: completionTokens, total_tokens: 100 + completionTokens };
}

function event(data: object): string {
  return `data: ${JSON.stringify(data)}\n\n`;
}
