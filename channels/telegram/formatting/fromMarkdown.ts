import type { TextEntity } from '../../../contracts/message.ts';
import { type Block, type Inline, parseMarkdown } from '../../../markup/parseMarkdown.ts';
import type { FormattedText } from '../../port.ts';

const STYLES = { bold: 'bold', italic: 'italic', struck: 'strikethrough' } as const;

/** What the bot says in the widget's Markdown, as Telegram shows it: without the marks, with the same formatting. */
export function fromMarkdown(markdown: string): FormattedText {
  const writer = new Writer();
  for (const [index, block] of parseMarkdown(markdown).entries()) {
    if (index > 0) writer.add('\n\n');
    writer.block(block);
  }
  return { text: writer.text, entities: writer.entities };
}

class Writer implements FormattedText {
  text = '';
  readonly entities: TextEntity[] = [];

  add(text: string): void {
    this.text += text;
  }

  block(block: Block): void {
    switch (block.kind) {
      case 'code':
        return this.within('pre', () => this.add(block.text));
      case 'quote':
        return this.within('quote', () => this.inlines(block.content));
      case 'paragraph':
        return this.inlines(block.content);
      case 'list':
        for (const [index, item] of block.items.entries()) {
          const sign = block.ordered ? `${block.start + index}.` : '•';
          this.add(`${index > 0 ? '\n' : ''}${sign} `);
          this.inlines(item);
        }
    }
  }

  private inlines(nodes: readonly Inline[]): void {
    for (const node of nodes) this.inline(node);
  }

  private inline(node: Inline): void {
    switch (node.kind) {
      case 'text':
        return this.add(node.text);
      case 'break':
        return this.add('\n');
      case 'code':
        return this.within('code', () => this.add(node.text));
      case 'link':
        return this.within('link', () => this.inlines(node.content), node.url);
      default:
        return this.within(STYLES[node.kind], () => this.inlines(node.content));
    }
  }

  private within(type: TextEntity['type'], write: () => void, url?: string): void {
    const offset = this.text.length;
    const at = this.entities.length;
    write();
    const length = this.text.length - offset;
    if (length > 0) this.entities.splice(at, 0, { type, offset, length, ...(url === undefined ? {} : { url }) });
  }
}
