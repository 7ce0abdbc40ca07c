import type { AgentCommand } from '../../contracts/conversation.ts';

type CommandProblem = 'unknown_command' | 'incomplete_command';

/** `addressee` is the user name in `/claim@some_bot`. */
export interface ParsedCommand {
  command: AgentCommand;
  addressee?: string;
}

const COMMAND = /^\/([a-z_]+)(?:@(\w+))?(?:\s+([\s\S]*))?$/i;
const DURATION = /^(\d{1,4})\s*(m|min|h|d)$/i;
const UNIT_MS: Record<string, number> = { m: 60_000, min: 60_000, h: 3_600_000, d: 86_400_000 };
const DEFAULT_SNOOZE_MS = 3_600_000;
const LONGEST_SNOOZE_MS = 90 * 86_400_000;
const MORNING_HOUR_UTC = 9;

/**
 * The command that a text is: `/claim`, `/note text`, `// note`, `/snooze 1h`. Undefined when it is no command. An unknown
 * one is named so: a mistyped command must never reach the visitor. `sentAt` is epoch milliseconds.
 */
export function parseCommand(text: string, sentAt: number): ParsedCommand | CommandProblem | undefined {
  const trimmed = text.trim();
  if (!trimmed.startsWith('/')) return undefined;
  const [, name = '', addressee, argument = ''] = COMMAND.exec(trimmed) ?? [];
  const command = trimmed.startsWith('//')
    ? withText(trimmed.slice(2), (note) => ({ name: 'note', text: note }))
    : commandOf(name.toLowerCase(), argument, sentAt);
  return typeof command === 'string' ? command : { command, addressee };
}

function commandOf(name: string, argument: string, sentAt: number): AgentCommand | CommandProblem {
  switch (name) {
    case 'claim':
    case 'release':
    case 'close':
    case 'reopen':
      return { name };
    case 'rename':
      return withText(argument, (title) => ({ name: 'rename', title }));
    case 'note':
      return withText(argument, (note) => ({ name: 'note', text: note }));
    case 'snooze':
      return snooze(argument.trim().toLowerCase(), sentAt);
    default:
      return 'unknown_command';
  }
}

function withText(text: string, command: (text: string) => AgentCommand): AgentCommand | CommandProblem {
  const trimmed = text.trim();
  return trimmed === '' ? 'incomplete_command' : command(trimmed);
}

function snooze(until: string, sentAt: number): AgentCommand | CommandProblem {
  if (until === '') return { name: 'snooze', until: sentAt + DEFAULT_SNOOZE_MS };
  if (until === 'tomorrow') return { name: 'snooze', until: nextMorning(sentAt) };
  const [, count, unit = ''] = DURATION.exec(until) ?? [];
  const ms = Number(count) * (UNIT_MS[unit] ?? Number.NaN);
  return ms > 0 ? { name: 'snooze', until: sentAt + Math.min(ms, LONGEST_SNOOZE_MS) } : 'incomplete_command';
}

function nextMorning(sentAt: number): number {
  const day = new Date(sentAt);
  return Date.UTC(day.getUTCFullYear(), day.getUTCMonth(), day.getUTCDate() + 1, MORNING_HOUR_UTC);
}
