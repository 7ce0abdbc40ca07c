import type { AnswerSource } from '../../contracts/message.ts';
import { safeUrl } from '../../markup/parseMarkdown.ts';
import type { MessageItem } from '../state/timeline.ts';
import { Avatar, authorName } from './Avatar.tsx';
import type { Actions } from './actions.ts';
import { copy, failureText } from './copy.ts';
import { Files } from './Files.tsx';
import { formatClock } from './formatTime.ts';
import { AlertIcon, CheckIcon, LinkIcon, ReplyIcon } from './icons.tsx';
import { Quoted } from './Quoted.tsx';
import { ExternalLink, FormattedText, Markdown, PlainText } from './RichText.tsx';

/** Of a message, in the name of its button: enough to know it by. */
const LABEL_LENGTH = 80;

interface BubbleProps {
  item: MessageItem;
  locale: string;
  /** The visitor's newest message shows its status. */
  newest: boolean;
  /** Of all the buttons to reply the one that Tab comes to; arrow keys lead to the others. */
  tabStop: boolean;
  onReply(messageId: string): void;
  actions: Actions;
}

export function Bubble({ item, locale, newest, tabStop, onReply, actions }: BubbleProps) {
  const own = item.author.kind === 'visitor';
  const classes = ['row', own ? 'own' : 'site', item.first && 'first', item.last && 'last', item.status];
  return (
    <div class={classes.filter(Boolean).join(' ')}>
      {!own && <Avatar author={item.author} />}
      <div class="stack">
        {!own && item.first && <span class="author">{authorName(item.author)}</span>}
        <div class="said">
          {item.files.length > 0 && <Files files={item.files} fileUrl={actions.fileUrl} />}
          {(item.text !== '' || item.quote || item.files.length === 0) && (
            <div
              class={`bubble ${item.streaming ? 'is-streaming' : ''}`}
              title={item.at && formatClock(item.at, locale)}
            >
              {item.quote && <Quoted {...item.quote} />}
              <Words item={item} own={own} />
            </div>
          )}
          <ReplyButton item={item} tabStop={tabStop} onReply={onReply} />
        </div>
        <Sources sources={item.sources} />
        {item.status === 'failed' && <Failure item={item} actions={actions} />}
        {(newest || item.edited || (item.last && !own)) && item.status !== 'failed' && (
          <Meta item={item} locale={locale} />
        )}
      </div>
    </div>
  );
}

function Words({ item: { text, entities }, own }: { item: MessageItem; own: boolean }) {
  if (own) return <PlainText text={text} />;
  return entities ? <FormattedText text={text} entities={entities} /> : <Markdown text={text} />;
}

/** Only what the server has can be answered. */
function ReplyButton({
  item: { id, text, files },
  tabStop,
  onReply,
}: Pick<BubbleProps, 'tabStop' | 'onReply' | 'item'>) {
  if (id === undefined) return null;
  const words = text || files.map(({ name }) => name).join(', ');
  return (
    <button
      type="button"
      class="reply"
      tabIndex={tabStop ? 0 : -1}
      aria-label={copy.reply(words.slice(0, LABEL_LENGTH))}
      onClick={() => onReply(id)}
    >
      <ReplyIcon />
    </button>
  );
}

function Meta({ item, locale }: { item: MessageItem; locale: string }) {
  const { status, at } = item;
  if (!at) return null;
  return (
    <span class={`meta ${status === 'read' ? 'is-read' : ''}`}>
      {formatClock(at, locale)}
      {item.edited && <span>{copy.edited}</span>}
      {status && status !== 'sending' && <CheckIcon twice={status !== 'sent'} />}
      {status && <span data-status={status}>{copy.status[status]}</span>}
    </span>
  );
}

function Failure({ item, actions }: { item: MessageItem; actions: Actions }) {
  return (
    <span class="meta failure" role="alert">
      <AlertIcon />
      {failureText(item.failure)}
      <button type="button" class="text-button" onClick={() => actions.retry(item.key)}>
        {copy.retry}
      </button>
      <button type="button" class="text-button" onClick={() => actions.remove(item.key)}>
        {copy.remove}
      </button>
    </span>
  );
}

function Sources({ sources }: { sources: readonly AnswerSource[] }) {
  if (sources.length === 0) return null;
  return (
    <ul class="sources" aria-label={copy.sources}>
      {sources.map(({ title, url }) => (
        <li key={title} class="source">
          <Source title={title} url={url && safeUrl(url)} />
        </li>
      ))}
    </ul>
  );
}

function Source({ title, url }: { title: string; url: string | undefined }) {
  const label = (
    <>
      <LinkIcon />
      <span>{title}</span>
    </>
  );
  return url ? <ExternalLink url={url}>{label}</ExternalLink> : label;
}
