interface CommandDescription {
  command: string;
  /** What follows the command, if anything does. */
  argument?: string;
  description: string;
}

/** What agents may ask for in a topic: Telegram's menu (setMyCommands) and the answer to /help. */
export const AGENT_COMMANDS: readonly CommandDescription[] = [
  { command: 'claim', description: 'Take this conversation' },
  { command: 'release', description: 'Give it back: the bot answers again' },
  { command: 'close', description: 'Close it' },
  { command: 'reopen', description: 'Open it again and take it' },
  { command: 'rename', argument: '<new subject>', description: 'Give it a subject' },
  { command: 'note', argument: '<text>', description: 'Write a note that the visitor never sees; // does the same' },
  {
    command: 'snooze',
    argument: '[30m, 2h, 3d, tomorrow]',
    description: 'Put it aside for a while; an hour by default',
  },
  { command: 'canned', argument: '[name]', description: 'Send a prepared answer, or choose one' },
  { command: 'ai', argument: '<on or off>', description: 'Let AI answer here, or not' },
  { command: 'whoami', description: 'Say who you are to Parley, and who has this conversation' },
  { command: 'help', description: 'List these commands' },
];

/** The answer to /help. */
export function helpText(): string {
  const lines = AGENT_COMMANDS.map((known) => `${usageOf(known)}: ${known.description}`);
  return ['What you write here goes to the visitor. A line that begins with // stays here.', ...lines].join('\n');
}

/** How a command is written, e.g. `/rename <new subject>`; undefined for one that there is not. */
export function commandUsage(name: string): string | undefined {
  const known = AGENT_COMMANDS.find(({ command }) => command === name);
  return known && usageOf(known);
}

function usageOf({ command, argument }: CommandDescription): string {
  return argument === undefined ? `/${command}` : `/${command} ${argument}`;
}
