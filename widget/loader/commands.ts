import type { VisitorTraits } from '../../contracts/webchat.ts';
import { clip } from '../clip.ts';

/**
 * What the page's own code knows of the visitor. `identity`, a token that the site's server signed, finds the verified user's
 * conversation on every device; `externalSessionId` does so for whoever knows it, so it must not be one that can be guessed.
 */
export interface Visitor {
  name?: string;
  externalSessionId?: string;
  identity?: string;
  traits?: VisitorTraits;
}

/** The page's API: `Parley('open')`, `Parley('setVisitor', { name })`. */
export type Command =
  | readonly ['open']
  | readonly ['close']
  | readonly ['toggle']
  /** Tells who is here; taken at the conversation's first connect, another `identity` at the next one. */
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
const IDENTITY_LENGTH = 4_096;
const TRAITS = { count: 32, nameLength: 64, textLength: 500 };

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
      identity: identityOf(textOf(argument, 'identity')),
      traits: traitsOf(Reflect.get(argument, 'traits')),
    },
  ];
}

/** One that the server would refuse is left out: cut short it could be another visitor's. */
function sessionIdOf(text: string): string | undefined {
  if ([...text].length >= SESSION_ID_LENGTH.min && clip(text, SESSION_ID_LENGTH.max) === text) return text;
  if (text) console.warn('Parley: externalSessionId needs 8 to 128 characters');
  return undefined;
}

function identityOf(text: string): string | undefined {
  if (text.length <= IDENTITY_LENGTH) return text || undefined;
  console.warn(`Parley: identity may have ${IDENTITY_LENGTH} characters`);
  return undefined;
}

/** What fits; the rest is left out. */
function traitsOf(value: unknown): VisitorTraits | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const traits: VisitorTraits = {};
  const entries: [string, unknown][] = Object.entries(value);
  for (const [name, trait] of entries.slice(0, TRAITS.count)) {
    if (!name || clip(name, TRAITS.nameLength) !== name) continue;
    if (typeof trait === 'string') traits[name] = clip(trait, TRAITS.textLength);
    else if (trait === null || typeof trait === 'boolean') traits[name] = trait;
    else if (typeof trait === 'number' && Number.isFinite(trait)) traits[name] = trait;
  }
  return traits;
}

function textOf(source: object, key: string): string {
  const value: unknown = Reflect.get(source, key);
  return typeof value === 'string' ? value.trim() : '';
}
