import { clip } from '../clip.ts';

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

/** What `init` accepts (contracts/webchat.ts): a page's slip must not keep its visitors from writing. */
const NAME_LENGTH = 80;
const SESSION_ID_LENGTH = { min: 8, max: 128 };

const BARE = ['open', 'close', 'toggle', 'remove'] as const;

/** A command as a page called it; undefined for what is none (pages are not type checked). */
export function parseCommand(call: ArrayLike<unknown>): Command | undefined {
  const [name, argument] = [call[0], call[1]];
  const bare = BARE.find((known) => known === name);
  if (bare) return [bare];
  if (name !== 'setVisitor' || typeof argument !== 'object' || argument === null) return undefined;
  return [
    'setVisitor',
    {
      name: clip(textOf(argument, 'name'), NAME_LENGTH).trim() || undefined,
      externalSessionId: sessionIdOf(textOf(argument, 'externalSessionId')),
    },
  ];
}

/** One that the server would refuse is left out: cut short it could be another visitor's. */
function sessionIdOf(text: string): string | undefined {
  if ([...text].length >= SESSION_ID_LENGTH.min && clip(text, SESSION_ID_LENGTH.max) === text) return text;
  if (text) console.warn('Parley: externalSessionId needs 8 to 128 characters');
  return undefined;
}

function textOf(source: object, key: string): string {
  const value: unknown = Reflect.get(source, key);
  return typeof value === 'string' ? value.trim() : '';
}
