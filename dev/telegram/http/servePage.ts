import { readFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';

const script = 'text/javascript; charset=utf-8';
const style = 'text/css; charset=utf-8';
const pages: Readonly<Record<string, [file: string, type: string]>> = {
  '/': ['index.html', 'text/html; charset=utf-8'],
  '/page.css': ['page.css', style],
  '/side.css': ['side.css', style],
  '/messages.css': ['messages.css', style],
  '/messageActions.css': ['messageActions.css', style],
  '/composer.css': ['composer.css', style],
  '/page.js': ['page.js', script],
  '/state.js': ['state.js', script],
  '/control.js': ['control.js', script],
  '/composer.js': ['composer.js', script],
  '/messageView.js': ['messageView.js', script],
  '/topicView.js': ['topicView.js', script],
  '/dom.js': ['dom.js', script],
};

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Serves the page on which a person plays the agents. Returns false when the path is none of its files. */
export async function servePage(path: string, response: ServerResponse): Promise<boolean> {
  const page = pages[path];
  if (!page) return false;
  const body = await readFile(new URL(`../page/${page[0]}`, import.meta.url));
  response.writeHead(200, {
    'content-type': page[1],
    'cache-control': 'no-cache',
    'content-security-policy': POLICY,
    'x-content-type-options': 'nosniff',
  });
  response.end(body);
  return true;
}
