import type { ComponentChildren, VNode } from 'preact';
import { type Block, type Inline, parseMarkdown, parsePlain } from './parseMarkdown.ts';

/** The markdown subset as nodes. */
export function Markdown({ text }: { text: string }) {
  return <div class="rich">{parseMarkdown(text).map(renderBlock)}</div>;
}

/** A visitor's own words: line breaks and addresses, no markup. */
export function PlainText({ text }: { text: string }) {
  return <div class="rich plain">{parsePlain(text).map(renderInline)}</div>;
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
  if (block.kind === 'paragraph') return <p>{block.content.map(renderInline)}</p>;
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
    case 'link':
      return <ExternalLink url={node.url}>{node.content.map(renderInline)}</ExternalLink>;
  }
}
