import type { ComponentChildren, VNode } from 'preact';
import type { TextEntity } from '../../contracts/message.ts';
import { parseEntities, type Span } from '../../markup/parseEntities.ts';
import { type Block, type Inline, parseMarkdown, parsePlain } from '../../markup/parseMarkdown.ts';

/** The markdown subset as nodes. */
export function Markdown({ text }: { text: string }) {
  return <div class="rich">{parseMarkdown(text).map(renderBlock)}</div>;
}

/** A visitor's own words: line breaks and addresses, no markup. */
export function PlainText({ text }: { text: string }) {
  return <div class="rich plain">{parsePlain(text).map(renderInline)}</div>;
}

/** Words with the formatting that their author gave them. */
export function FormattedText({ text, entities }: { text: string; entities: readonly TextEntity[] }) {
  return <div class="rich plain">{parseEntities(text, entities).map(renderSpan)}</div>;
}

export function ExternalLink({ url, children }: { url: string; children: ComponentChildren }) {
  return (
    <a href={url} target="_blank" rel="noopener noreferrer nofollow">
      {children}
    </a>
  );
}

function renderBlock(block: Block): VNode {
  if (block.kind === 'code') return <pre>{block.text}</pre>;
  if (block.kind !== 'list') {
    const content = block.content.map(renderInline);
    return block.kind === 'quote' ? <blockquote>{content}</blockquote> : <p>{content}</p>;
  }
  const items = block.items.map((item) => <li>{item.map(renderInline)}</li>);
  return block.ordered ? <ol start={block.start}>{items}</ol> : <ul>{items}</ul>;
}

function renderInline(node: Inline): VNode | string {
  switch (node.kind) {
    case 'text':
      return node.text;
    case 'code':
      return <code>{node.text}</code>;
    case 'break':
      return <br />;
    case 'bold':
      return <strong>{node.content.map(renderInline)}</strong>;
    case 'italic':
      return <em>{node.content.map(renderInline)}</em>;
    case 'struck':
      return <s>{node.content.map(renderInline)}</s>;
    case 'link':
      return <ExternalLink url={node.url}>{node.content.map(renderInline)}</ExternalLink>;
  }
}

function renderSpan(span: Span): VNode | string {
  if (span.kind === 'text') return span.text;
  const content = span.content.map(renderSpan);
  switch (span.kind) {
    case 'bold':
      return <strong>{content}</strong>;
    case 'italic':
      return <em>{content}</em>;
    case 'underline':
      return <u>{content}</u>;
    case 'strikethrough':
      return <s>{content}</s>;
    case 'code':
      return <code>{content}</code>;
    case 'pre':
      return <pre>{content}</pre>;
    case 'quote':
      return <blockquote>{content}</blockquote>;
    case 'link':
      return <ExternalLink url={span.url}>{content}</ExternalLink>;
  }
}
