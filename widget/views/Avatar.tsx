import type { Author } from '../../contracts/message.ts';
import { copy } from './copy.ts';
import { ChatIcon, SparkIcon } from './icons.tsx';

/** The name that a visitor reads over a message. */
export function authorName({ kind, name }: Author): string {
  if (name) return name;
  if (kind === 'agent') return copy.agent;
  return kind === 'ai' ? copy.ai : copy.bot;
}

/** A person's initials, or a sign for what is not a person. */
export function Avatar({ author }: { author: Author }) {
  const person = author.kind === 'agent';
  return (
    <span class={`avatar ${author.kind}`} aria-hidden="true">
      {person ? initials(authorName(author)) : author.kind === 'ai' ? <SparkIcon /> : <ChatIcon />}
    </span>
  );
}

function initials(name: string): string {
  const words = name.trim().split(/\s+/);
  const [first, last] = [words[0] ?? '', words.length > 1 ? (words[words.length - 1] ?? '') : ''];
  return `${[...first][0] ?? ''}${[...last][0] ?? ''}`.toUpperCase();
}
