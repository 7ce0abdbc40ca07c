import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Author, Choice } from '../../contracts/message.ts';
import type { SiteLook } from '../../contracts/site.ts';
import { lastOf } from '../state/lastOf.ts';
import type { TimelineItem } from '../state/timeline.ts';
import type { Note, Rating } from '../state/types.ts';
import { Avatar, authorName } from './Avatar.tsx';
import type { Actions } from './actions.ts';
import { Bubble } from './Bubble.tsx';
import { copy } from './copy.ts';
import { moveByArrows } from './focus.ts';
import { formatDay } from './formatTime.ts';
import { ChevronDownIcon } from './icons.tsx';
import { RatingCard } from './RatingCard.tsx';
import { PlainText } from './RichText.tsx';

interface MessageListProps {
  items: readonly TimelineItem[];
  choices: readonly Choice[];
  typing: Author | undefined;
  rating: Rating | undefined;
  online: boolean;
  open: boolean;
  look: SiteLook;
  onReply(messageId: string): void;
  actions: Actions;
}

/** This near to the end counts as reading along. */
const AT_END_PX = 60;

/** Follows the conversation's end while the visitor reads there; otherwise only says that there is more. */
export function MessageList(props: MessageListProps) {
  const { items, choices, typing, rating, online, open, look, onReply, actions } = props;
  const list = useRef<HTMLDivElement>(null);
  // Where the end was when last looked: a scroll's event may come after the message that it must be judged for.
  const end = useRef(0);
  const [behind, setBehind] = useState(false);
  const last = lastOf(items);
  const newest = lastOf(items.filter((item) => item.kind === 'message' && item.id !== undefined));
  const ownLast = last?.kind === 'message' && last.author.kind === 'visitor' ? last.key : undefined;

  function readsAlong(): boolean {
    return list.current !== null && list.current.scrollTop > end.current - AT_END_PX;
  }
  function lookAtEnd(): void {
    if (list.current) end.current = list.current.scrollHeight - list.current.clientHeight;
  }
  function toEnd(): void {
    if (list.current) list.current.scrollTop = list.current.scrollHeight;
    lookAtEnd();
  }
  function onScroll(): void {
    lookAtEnd();
    if (readsAlong()) setBehind(false);
  }
  /** A picture that has just been read makes the list longer. */
  function onPicture(): void {
    if (readsAlong()) toEnd();
  }
  /** The button that has the focus is about to go. */
  function rate(value: number): void {
    list.current?.focus({ preventScroll: true });
    actions.rate(value);
  }
  useLayoutEffect(toEnd, [ownLast, open]);
  useLayoutEffect(() => {
    if (readsAlong()) toEnd();
    else lookAtEnd();
  }, [items, typing, choices, rating]);
  useLayoutEffect(() => {
    if (!readsAlong()) setBehind(true);
  }, [last?.key]);

  return (
    <div class="list-frame">
      <div
        class="list"
        ref={list}
        onScroll={onScroll}
        onLoadCapture={onPicture}
        onKeyDown={moveByArrows}
        role="log"
        aria-live="off"
        aria-label={look.title}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable region must be reachable by keyboard (WCAG 2.1.1)
        tabIndex={0}
      >
        {look.welcome && <Welcome look={look} />}
        {items.map((item) => (
          <Row
            key={item.key}
            item={item}
            locale={look.locale}
            newest={item === lastOwn(items)}
            tabStop={item === newest}
            onReply={onReply}
            actions={actions}
          />
        ))}
        {typing && <Typing author={typing} />}
        <Choices choices={choices} onChoose={actions.choose} />
        {rating && rating.phase !== 'given' && <RatingCard rating={rating} online={online} onRate={rate} />}
      </div>
      {behind && (
        <button type="button" class="pill" onClick={toEnd}>
          {copy.newMessages} <ChevronDownIcon size={14} />
        </button>
      )}
    </div>
  );
}

function lastOwn(items: readonly TimelineItem[]): TimelineItem | undefined {
  return lastOf(items.filter((item) => item.kind === 'message' && item.author.kind === 'visitor'));
}

interface RowProps {
  item: TimelineItem;
  locale: string;
  newest: boolean;
  tabStop: boolean;
  onReply(messageId: string): void;
  actions: Actions;
}

function Row({ item, ...rest }: RowProps) {
  if (item.kind === 'time') return <div class="day">{formatDay(item.at, rest.locale)}</div>;
  if (item.kind === 'message') return <Bubble item={item} {...rest} />;
  const { kind, text } = item.note;
  return <div class={`note ${kind}`}>{NOTE_WORDS[kind](text)}</div>;
}

const NOTE_WORDS: Record<Note['kind'], (text: string) => string> = {
  agent_joined: copy.joined,
  info: (text) => text,
  closed: () => copy.closedNote,
  rated: () => copy.ratedNote,
};

function Welcome({ look }: { look: SiteLook }) {
  return (
    <div class="row site first last">
      <Avatar author={{ kind: 'bot' }} />
      <div class="stack">
        <div class="bubble">
          <PlainText text={look.welcome} />
        </div>
      </div>
    </div>
  );
}

function Typing({ author }: { author: Author }) {
  return (
    <div class="row site first last">
      <Avatar author={author} />
      <div class="bubble dots">
        <span class="sr">{`${authorName(author)} ${copy.typing}`}</span>
        <i />
        <i />
        <i />
      </div>
    </div>
  );
}

function Choices({ choices, onChoose }: { choices: readonly Choice[]; onChoose(choice: Choice): void }) {
  if (choices.length === 0) return null;
  return (
    <fieldset class="choices" aria-label={copy.quickReplies}>
      {choices.map((choice) => (
        <button key={choice.id} type="button" class="chip" onClick={() => onChoose(choice)}>
          {choice.label}
        </button>
      ))}
    </fieldset>
  );
}
