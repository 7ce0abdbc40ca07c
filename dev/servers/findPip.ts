import { runCommand } from './runCommand.ts';

const PIPS = [['python3', '-m', 'pip'], ['python', '-m', 'pip'], ['pip3'], ['pip']];

/** The command line that runs pip, without its arguments; undefined where none is installed. */
export async function findPip(): Promise<string[] | undefined> {
  for (const pip of PIPS) {
    const [command = '', ...args] = pip;
    const runs = await runCommand(command, [...args, '--version']).then(
      () => true,
      () => false,
    );
    if (runs) return pip;
  }
  return undefined;
}
