import { type AgentCommand, MAX_TITLE } from '../../contracts/conversation.ts';
import { commandUsage } from './agentCommands.ts';
import { splitText } from './splitText.ts';

/**
 * What an agent asks for, as far as the words alone tell it: when it is morning, and what the prepared answers say, the
 * tenant's settings know. A mistyped command is an order too: it is answered, and never reaches the visitor.
 */
export type TopicOrder =
  | Exclude<AgentCommand, { name: 'snooze' }>
  /** Epoch milliseconds. */
  | { name: 'snooze'; until: number | 'tomorrow' }
  /** Without an answer's name: which ones are there? */
  | { name: 'canned'; answer?: string }
  | { name: 'whoami' }
  | { name: 'help' }
  /** `words` say to the agents what is wrong. */
  | { name: 'mistaken'; words: string };

/** `addressee` is the user name in `/claim@some_bot`. */
export interface ParsedCommand {
  order: TopicOrder;
  addressee?: string;
}

const COMMAND = /^\/([a-z_]+)(?:@(\w+))?(?:\s+([\s\S]*))?$/i;
const DURATION = /^(\d{1,4})\s*(m|min|h|d)$/i;
const UNIT_MS: Record<string, number> = { m: 60_000, min: 60_000, h: 3_600_000, d: 86_400_000 };
const DEFAULT_SNOOZE_MS = 3_600_000;
const LONGEST_SNOOZE_MS = 90 * 86_400_000;

/**
 * The order that a text is: `/claim`, `/note text`, `// note`, `/snooze 1h`. Undefined when it is none. `sentAt` is epoch
 * milliseconds.
 */
export function parseCommand(text: string, sentAt: number): ParsedCommand | undefined {
  const trimmed = text.trim();
  if (!trimmed.startsWith('/')) return undefined;
  if (trimmed.startsWith('//')) return { order: withText('note', trimmed.slice(2), (note) => noteOf(note)) };
  const [, name = '', addressee, argument = ''] = COMMAND.exec(trimmed) ?? [];
  return { order: orderOf(name.toLowerCase(), argument, sentAt), addressee };
}

/** The bot that a known command names; undefined when the text begins with none. */
export function findCommand(text: string): Pick<ParsedCommand, 'addressee'> | undefined {
  const [, name = '', addressee] = COMMAND.exec(text.trim()) ?? [];
  return commandUsage(name.toLowerCase()) === undefined ? undefined : { addressee };
}

function orderOf(name: string, argument: string, sentAt: number): TopicOrder {
  switch (name) {
    case 'claim':
    case 'release':
    case 'close':
    case 'reopen':
    case 'whoami':
    case 'help':
      return { name };
    case 'rename':
      return withText(name, argument, renameTo);
    case 'note':
      return withText(name, argument, noteOf);
    case 'snooze':
      return snooze(argument.trim().toLowerCase(), sentAt);
    case 'canned':
      return canned(argument.trim().toLowerCase());
    case 'ai':
      return ai(argument.trim().toLowerCase());
    default:
      return {
        name: 'mistaken',
        words: 'There is no such command, and the visitor has not seen it. /help lists them.',
      };
  }
}

/** A longer subject is cut: whoever typed it sees so in the topic's name. */
function renameTo(title: string): TopicOrder {
  return { name: 'rename', title: splitText(title, MAX_TITLE)[0]?.trim() ?? title };
}

function noteOf(text: string): TopicOrder {
  return { name: 'note', text };
}

function withText(command: string, text: string, order: (text: string) => TopicOrder): TopicOrder {
  const trimmed = text.trim();
  return trimmed === '' ? incomplete(command) : order(trimmed);
}

function incomplete(command: string): TopicOrder {
  return { name: 'mistaken', words: `Something is missing. Write it so: ${commandUsage(command)}` };
}

function canned(answer: string): TopicOrder {
  return answer === '' ? { name: 'canned' } : { name: 'canned', answer };
}

function ai(argument: string): TopicOrder {
  return argument === 'on' || argument === 'off' ? { name: 'ai', on: argument === 'on' } : incomplete('ai');
}

function snooze(until: string, sentAt: number): TopicOrder {
  if (until === '') return { name: 'snooze', until: sentAt + DEFAULT_SNOOZE_MS };
  if (until === 'tomorrow') return { name: 'snooze', until };
  const [, count, unit = ''] = DURATION.exec(until) ?? [];
  const ms = Number(count) * (UNIT_MS[unit] ?? Number.NaN);
  return ms > 0 ? { name: 'snooze', until: sentAt + Math.min(ms, LONGEST_SNOOZE_MS) } : incomplete('snooze');
}
