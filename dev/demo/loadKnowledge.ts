import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A document of the knowledge base as it is seeded. `body` is Markdown. */
export interface KnowledgeSeed {
  title: string;
  url: string;
  locale: string;
  body: string;
}

const FOLDER = join(import.meta.dirname, 'knowledge');

/** The demo shop's knowledge base: one document for each `knowledge/*.md`, sorted by file name. */
export async function loadKnowledge(): Promise<KnowledgeSeed[]> {
  const files = (await readdir(FOLDER)).filter((name) => name.endsWith('.md')).sort();
  return Promise.all(files.map(async (name) => parseDocument(name, await readFile(join(FOLDER, name), 'utf8'))));
}

/** A head of `key: value` lines between two `---`, then the body. */
function parseDocument(name: string, text: string): KnowledgeSeed {
  const [, head, body] = /^---\n(.*?)\n---\n(.*)$/s.exec(text) ?? [];
  const fields = Object.fromEntries((head ?? '').split('\n').map((line) => line.split(/:\s+(.*)/)));
  const { title, url, locale } = fields;
  if (!title || !url || !locale || !body)
    throw new Error(`${name} needs a head with title, url and locale, and a body`);
  return { title, url, locale, body: body.trim() };
}
