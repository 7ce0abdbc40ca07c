import { TelegramError, tooManyRequests } from './telegramError.ts';

/** A misbehaviour to be shown to the next calls that match. */
export interface FaultInput {
  kind: 'retryAfter' | 'serverError' | 'refuse' | 'hang' | 'drop' | 'delay';
  /** Calls of this method alone; else of every method but getUpdates. */
  method?: string;
  botId?: number;
  chatId?: number;
  threadId?: number;
  /** How many calls it hits, 1 when neither this nor `forMs` is given. */
  count?: number;
  /** Hits every call during so many milliseconds instead. */
  forMs?: number;
  /** Lets so many matching calls pass first. */
  skip?: number;
  /** Share of matching calls that it hits, 0 to 1. */
  probability?: number;
  /** hang, drop, serverError: the call takes effect before (default), or does not. */
  afterWork?: boolean;
  /** retryAfter: seconds. */
  seconds?: number;
  /** delay: how long the answer waits; hang: answer after so long rather than never. Milliseconds. */
  ms?: number;
  /** serverError, refuse: HTTP status and error_code. */
  code?: number;
  description?: string;
  /** serverError: what the body is. */
  body?: 'html' | 'json';
}

export interface FaultRecord extends FaultInput {
  id: number;
  hits: number;
}

export interface FaultedCall {
  method: string;
  botId: number;
  chatId: number | undefined;
  threadId: number | undefined;
}

interface Rule extends FaultRecord {
  left: number;
  skipLeft: number;
  until: number;
}

/** The misbehaviours that were ordered, oldest first. */
export class Faults {
  private rules: Rule[] = [];
  private nextId = 1;

  add(input: FaultInput): FaultRecord {
    const rule: Rule = {
      ...input,
      id: this.nextId,
      hits: 0,
      left: input.count ?? (input.forMs === undefined ? 1 : Number.POSITIVE_INFINITY),
      skipLeft: input.skip ?? 0,
      until: input.forMs === undefined ? Number.POSITIVE_INFINITY : Date.now() + input.forMs,
    };
    this.nextId += 1;
    this.rules.push(rule);
    return { ...input, id: rule.id, hits: 0 };
  }

  list(): FaultRecord[] {
    return this.rules.map(({ left: _left, skipLeft: _skip, until: _until, ...fault }) => fault);
  }

  clear(): void {
    this.rules = [];
  }

  /** The fault that this call meets, used up by it. */
  take(call: FaultedCall): FaultInput | undefined {
    this.rules = this.rules.filter((rule) => rule.left > 0 && rule.until > Date.now());
    for (const rule of this.rules) {
      if (!matches(rule, call)) continue;
      if (rule.skipLeft > 0) {
        rule.skipLeft -= 1;
        continue;
      }
      if (rule.probability !== undefined && Math.random() >= rule.probability) continue;
      rule.left -= 1;
      rule.hits += 1;
      return rule;
    }
    return undefined;
  }
}

function matches(rule: FaultInput, call: FaultedCall): boolean {
  if (rule.method ? rule.method !== call.method : call.method === 'getUpdates') return false;
  if (rule.botId !== undefined && rule.botId !== call.botId) return false;
  if (rule.chatId !== undefined && rule.chatId !== call.chatId) return false;
  return rule.threadId === undefined || rule.threadId === call.threadId;
}

/** The error answer of a fault that refuses the call instead of doing it. */
export function faultError(fault: FaultInput): TelegramError | undefined {
  if (fault.kind === 'retryAfter') return tooManyRequests(fault.seconds ?? 1);
  if (fault.kind !== 'refuse') return undefined;
  return new TelegramError(fault.code ?? 400, fault.description ?? 'Bad Request: refused');
}
