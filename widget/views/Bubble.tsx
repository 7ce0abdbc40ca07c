import type { AnswerSource } from '../../contracts/message.ts';
import { safeUrl } from '../../markup/parseMarkdown.ts';
import type { MessageItem } from '../state/timeline.ts';
import { Avatar, authorName } from './Avatar.tsx';
import type { Actions } from './actions.ts';
import { copy, failureText } from './copy.ts';
import { Files } from './Files.tsx';
import { formatClock } from './formatTime.ts';
import { AlertIcon, CheckIcon, LinkIcon } from './icons.tsx';
import { ExternalLink, FormattedText, Markdown, PlainText } from './RichText.tsx';

interface BubbleProps {
  item: MessageItem;
  locale: string;
  /** The visitor's newest message shows its status. */
  newest: boolean;
  actions: Actions;
}

export function Bubble({ item, locale, newest, actions }: BubbleProps) {
  const own = item.author.kind === 'visitor';
  const classes = ['row', own ? 'own' : 'site', item.first && 'first', item.last && 'last', item.status];
  return (
    <div class={classes.filter(Boolean).join(' ')}>
      {!own && <Avatar author={item.author} />}
      <div class="stack">
        {!own && item.first && <span class="author">{authorName(item.author)}</span>}
        {item.files.length > 0 && <Files files={item.files} fileUrl={actions.fileUrl} />}
        {(item.text !== '' || item.files.length === 0) && (
          <div class={`bubble ${item.streaming ? 'is-streaming' : ''}`} title={item.at && formatClock(item.at, locale)}>
            {item.quote && <Quote {...item.quote} />}
            <Words item={item} own={own} />
          </div>
        )}
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

function Quote({ author, text }: NonNullable<MessageItem['quote']>) {
  return (
    <div class="quoted">
      <strong>{author.kind === 'visitor' ? copy.you : authorName(author)}</strong>
      <span class="clamp">{text}</span>
    </div>
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
