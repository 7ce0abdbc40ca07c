/** The subset: paragraphs, quotes, lists, fenced code; bold, italic, struck, code and links within. All else stays text. */
export type Block =
  | { kind: 'paragraph' | 'quote'; content: Inline[] }
  | { kind: 'list'; ordered: boolean; start: number; items: Inline[][] }
  | { kind: 'code'; text: string };

export type Inline =
  | { kind: 'text' | 'code'; text: string }
  | { kind: 'break' }
  | { kind: 'bold' | 'italic' | 'struck'; content: Inline[] }
  | { kind: 'link'; url: string; content: Inline[] };

const LIST_ITEM = /^ {0,3}(?:[-*•]|(\d{1,4})[.)]) +(.*)$/;
const QUOTE = /^ {0,3}> ?(.*)$/;
const FENCE = /^ {0,3}```/;
/** Alternatives differ in their first character and their repetitions in their separators: nothing backtracks far. */
const INLINE =
  /`([^`\n]+)`|\*\*([^\n*]+(?:\*[^\n*]+)*)\*\*|\*([^\s*][^\n*]*)\*|~~([^\n~]+(?:~[^\n~]+)*)~~|\[([^\]\n]{1,300})\]\(([^\s()]{1,2048})\)|(https?:\/\/[^\s<>()[\]"'*]{0,2047}[^\s<>()[\]"'*.,;:!?])/g;

/** A web address as a link may have it; undefined for javascript:, data: and whatever else is not http(s). */
export function safeUrl(address: string): string | undefined {
  try {
    const url = new URL(address);
    return url.protocol === 'https:' || url.protocol === 'http:' ? url.href : undefined;
  } catch {
    return undefined;
  }
}

/** Parses to a tree that the view turns into nodes; text never becomes markup. */
export function parseMarkdown(text: string): Block[] {
  const blocks: Block[] = [];
  const lines = text.replace(/\r\n?/g, '\n').split('\n');
  let index = 0;
  while (index < lines.length) {
    const line = lines[index] ?? '';
    const taken = FENCE.test(line) ? takeCode(lines, index, blocks) : takeText(lines, index, blocks);
    index += taken;
  }
  return blocks;
}

/** What a reader would say aloud: the text without its marks, on one line. */
export function toPlainText(text: string): string {
  const parts = parseMarkdown(text).map((block) => {
    if (block.kind === 'code') return block.text;
    return block.kind === 'list' ? block.items.map(inlineText).join('; ') : inlineText(block.content);
  });
  return parts.join(' ');
}

function inlineText(nodes: Inline[]): string {
  const parts = nodes.map((node) => {
    if (node.kind === 'break') return ' ';
    return 'content' in node ? inlineText(node.content) : node.text;
  });
  return parts.join('');
}

/** An unclosed fence runs to the end: it is still streaming. */
function takeCode(lines: string[], start: number, blocks: Block[]): number {
  let end = start + 1;
  while (end < lines.length && !FENCE.test(lines[end] ?? '')) end += 1;
  blocks.push({ kind: 'code', text: lines.slice(start + 1, end).join('\n') });
  return end - start + 1;
}

function takeText(lines: string[], start: number, blocks: Block[]): number {
  const line = lines[start] ?? '';
  const item = LIST_ITEM.exec(line);
  if (!line.trim()) return 1;
  const last = blocks[blocks.length - 1];
  if (item) {
    addItem(blocks, last, item);
    return 1;
  }
  const quoted = QUOTE.exec(line);
  const kind = quoted ? 'quote' : 'paragraph';
  const content = parseInline(quoted?.[1] ?? line);
  const joins = start > 0 && Boolean(lines[start - 1]?.trim());
  if (joins && last?.kind === kind) last.content.push({ kind: 'break' }, ...content);
  else blocks.push({ kind, content });
  return 1;
}

function addItem(blocks: Block[], last: Block | undefined, [, number, text = '']: RegExpExecArray): void {
  const ordered = number !== undefined;
  if (last?.kind === 'list' && last.ordered === ordered) last.items.push(parseInline(text));
  else blocks.push({ kind: 'list', ordered, start: Number(number ?? 1), items: [parseInline(text)] });
}

/** Addresses in plain text become links, nothing else changes: for what the visitor wrote. */
export function parsePlain(text: string): Inline[] {
  return text
    .split(/(https?:\/\/[^\s<>()[\]"'*]{0,2047}[^\s<>()[\]"'*.,;:!?])/)
    .map((part, index) => (index % 2 ? autoLink(part) : textNode(part)));
}

function parseInline(text: string): Inline[] {
  const nodes: Inline[] = [];
  let end = 0;
  for (const match of text.matchAll(INLINE)) {
    if (match.index > end) nodes.push(textNode(text.slice(end, match.index)));
    nodes.push(inlineNode(match));
    end = match.index + match[0].length;
  }
  if (end < text.length) nodes.push(textNode(text.slice(end)));
  return nodes;
}

function inlineNode([whole, code, bold, italic, struck, label, target, address]: RegExpExecArray): Inline {
  if (code !== undefined) return { kind: 'code', text: code };
  if (bold !== undefined) return { kind: 'bold', content: parseInline(bold) };
  if (italic !== undefined) return { kind: 'italic', content: parseInline(italic) };
  if (struck !== undefined) return { kind: 'struck', content: parseInline(struck) };
  if (address !== undefined) return autoLink(address);
  const url = safeUrl(target ?? '');
  return url && label ? { kind: 'link', url, content: [textNode(label)] } : textNode(whole);
}

/** An address shown without its scheme. */
function autoLink(address: string): Inline {
  const url = safeUrl(address);
  if (!url) return textNode(address);
  return { kind: 'link', url, content: [textNode(address.replace(/^https?:\/\//, ''))] };
}

function textNode(text: string): Inline {
  return { kind: 'text', text };
}
