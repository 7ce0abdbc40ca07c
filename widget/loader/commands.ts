/** What the page's own code knows of the visitor. `externalSessionId` finds the same conversation on every device. */
export interface Visitor {
  name?: string;
  externalSessionId?: string;
}

/** The page's API: `Parley('open')`, `Parley('setVisitor', { name })`. */
export type Command =
  | readonly ['open']
  | readonly ['close']
  | readonly ['toggle']
  /** Tells who is here; taken at the conversation's first connect. */
  | readonly ['setVisitor', Visitor]
  /** Takes the widget off the page. */
  | readonly ['remove'];

export type ParleyFunction = (...command: Command) => void;

declare global {
  interface Window {
    /** Before the script has come: a stub of the page whose `q` collects commands. */
    Parley?: ParleyFunction & { q?: ArrayLike<unknown>[] };
  }
}

const BARE = ['open', 'close', 'toggle', 'remove'] as const;

/** A command as a page called it; undefined for what is none (pages are not type checked). */
export function parseCommand(call: ArrayLike<unknown>): Command | undefined {
  const [name, argument] = [call[0], call[1]];
  const bare = BARE.find((known) => known === name);
  if (bare) return [bare];
  if (name !== 'setVisitor' || typeof argument !== 'object' || argument === null) return undefined;
  return ['setVisitor', { name: textOf(argument, 'name'), externalSessionId: textOf(argument, 'externalSessionId') }];
}

function textOf(source: object, key: string): string | undefined {
  const value: unknown = Reflect.get(source, key);
  return typeof value === 'string' && value.trim() ? value.trim() : undefined;
}
