import { type Command, parseCommand } from './commands.ts';

/** Puts `window.Parley` in place of the page's stub and runs what the stub collected. */
export function installCommands(run: (command: Command) => void): void {
  const pending = window.Parley?.q ?? [];
  const execute = (call: ArrayLike<unknown>) => {
    const command = parseCommand(call);
    if (command) run(command);
    else console.warn('Parley: unknown command', call[0]);
  };
  window.Parley = (...call) => execute(call);
  for (const call of pending) execute(call);
}
