import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { demoPageDir } from '../../dev/demo/demoPageDir.ts';
import { buildWidget } from '../../widget/build.ts';
import { launchChromium } from './launchChromium.ts';
import { WidgetStub, type WidgetStubOptions } from './widgetStub.ts';

/** Longest wait for something that is due; the widget's slowest retry in these tests comes after about two seconds. */
export const DUE = { timeout: 15_000 };

/** The freshly built widget in a browser; what a test starts ends with that test. */
export function useWidget() {
  let browser: Browser;
  let outDir: string;
  let widgetFile: string;
  const cleanups: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    outDir = await mkdtemp(join(tmpdir(), 'parley-widget-'));
    widgetFile = (await buildWidget({ outDir, minify: true })).file;
    browser = await launchChromium();
  });
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });
  afterAll(async () => {
    await browser.close();
    await rm(outDir, { recursive: true });
  });

  async function startStub(options: Partial<WidgetStubOptions> = {}): Promise<WidgetStub> {
    const stub = new WidgetStub({ widgetFile, pageDir: demoPageDir, ...options });
    await stub.listen();
    cleanups.push(() => stub.close());
    return stub;
  }

  /** A visitor's page; a script error or a breach of the page's policy fails the test that caused it. */
  async function visit(stub: WidgetStub, options: BrowserContextOptions = {}): Promise<Page> {
    const context = await browser.newContext(options);
    const problems: string[] = [];
    cleanups.push(async () => {
      await context.close();
      expect(problems).toEqual([]);
    });
    const page = await context.newPage();
    page.on('pageerror', ({ message }) => problems.push(message));
    page.on('console', (entry) => {
      if (entry.text().includes('Content Security Policy')) problems.push(entry.text());
    });
    await page.goto(`${stub.url}/`);
    return page;
  }

  async function openChat(stub: WidgetStub, options?: BrowserContextOptions): Promise<Page> {
    const page = await visit(stub, options);
    await page.getByRole('button', { name: 'Open chat' }).click();
    await expect.poll(() => stub.connects, DUE).toBe(1);
    return page;
  }

  return { startStub, visit, openChat };
}

/** Writes as a person does: into the box, then Enter. */
export async function write(page: Page, text: string): Promise<void> {
  await page.getByRole('textbox').fill(text);
  await page.getByRole('textbox').press('Enter');
}

/** The texts of all bubbles, without the welcome. */
export async function bubbles(page: Page): Promise<string[]> {
  return (await page.locator('.bubble').allInnerTexts()).slice(1).map((text) => text.trim());
}

/** Waits until the conversation shows exactly these texts. */
export async function expectBubbles(page: Page, texts: string[]): Promise<void> {
  await expect.poll(() => bubbles(page), DUE).toEqual(texts);
}

/** Waits for the status under the visitor's newest message. */
export async function expectStatus(page: Page, status: string): Promise<void> {
  await expect.poll(() => page.locator('[data-status]').innerText(), DUE).toBe(status);
}
