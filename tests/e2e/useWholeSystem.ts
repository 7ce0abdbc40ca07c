import type { Browser, BrowserContext, Page, WebSocketRoute } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { Closers } from '../../dev/launcher/closers.ts';
import { startDemoServer } from '../../dev/launcher/demoServer.ts';
import { freePort } from '../../dev/servers/freePort.ts';
import type { Program } from '../support/program.ts';
import { type System, startApiProcess, startSystem, startWorkerProcess } from '../support/startSystem.ts';
import { launchChromium } from './launchChromium.ts';

export interface VisitorTab {
  page: Page;
  context: BrowserContext;
  /** Types of the frames that the server sent, in order. */
  frames: string[];
  /** Takes the network away from all its tabs; `context.setOffline(false)` gives it back. */
  goOffline(): Promise<void>;
}

/** Everything that is real, once for a test file: servers, API and worker processes, demo page, emulated Telegram, browser. */
export function useWholeSystem() {
  const closers = new Closers();
  const contexts: BrowserContext[] = [];
  const problems: string[] = [];
  let system: System;
  let browser: Browser;
  let api: Program;
  let apiPort: number;
  let demoUrl: string;

  beforeAll(async () => {
    const [port, demoPort, uiPort] = [await freePort(), await freePort(), await freePort()];
    apiPort = port;
    const ui = { port: uiPort, codecEndpoint: `http://127.0.0.1:${demoPort}/codec` };
    system = await startSystem({ origin: `http://127.0.0.1:${demoPort}`, ui });
    closers.add('servers', () => system.stop());
    const worker = await startWorkerProcess(system);
    closers.add('worker', () => worker.discard());
    api = await startApiProcess(system, apiPort);
    closers.add('API', () => api.discard());
    const demo = await startDemoServer({
      port: demoPort,
      apiUrl: () => `http://127.0.0.1:${apiPort}`,
      temporalUiOrigin: `http://127.0.0.1:${uiPort}`,
      serviceToken: system.variables['SERVICE_TOKEN'] ?? '',
    });
    closers.add('demo page', () => demo.close());
    demoUrl = demo.url;
    browser = await launchChromium();
    closers.add('browser', () => browser.close());
  });
  afterEach(async () => {
    for (const context of contexts.splice(0)) await context.close();
    expect(problems.splice(0)).toEqual([]);
  });
  afterAll(() => closers.closeAll());

  async function newContext(): Promise<BrowserContext> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    contexts.push(context);
    context.on('weberror', (error) => problems.push(error.error().message));
    return context;
  }

  return {
    /** A new visitor on the demo page. A script error in any of its tabs fails the test. */
    async visit(): Promise<VisitorTab> {
      const context = await newContext();
      const page = await context.newPage();
      const frames: string[] = [];
      const sockets = new Set<WebSocketRoute>();
      await context.routeWebSocket(/\/v1\/ws$/, (socket) => {
        sockets.add(socket);
        socket.connectToServer().onMessage((data) => {
          frames.push((JSON.parse(String(data)) as { type: string }).type);
          socket.send(data);
        });
      });
      const goOffline = async () => {
        await context.setOffline(true);
        // Chromium's own offline mode leaves open sockets alone.
        for (const socket of sockets) await socket.close();
      };
      await page.goto(demoUrl);
      return { page, context, frames, goOffline };
    },
    /** The emulated group as an agent sees it. */
    async openTelegram(): Promise<Page> {
      const page = await (await newContext()).newPage();
      await page.goto(system.telegram.url);
      return page;
    },
    /** The agent writes into the topic that is open. */
    async say(agent: Page, text: string): Promise<void> {
      await agent.getByRole('textbox', { name: 'Message' }).fill(text);
      await agent.keyboard.press('Enter');
    },
    async killApi(): Promise<void> {
      api.killAll();
      await api.ended;
    },
    async startApi(): Promise<void> {
      api = await startApiProcess(system, apiPort);
    },
    /** Those of `lines` that stand in the topic that speaks of `mark`, as often and in the order as they do. */
    async linesInTopic(mark: string, lines: string[]): Promise<string[]> {
      for (const { threadId } of await system.telegram.listTopics()) {
        const posts = await system.telegram.listMessages({ threadId });
        const text = posts.map(({ message }) => message.text ?? '').join('\n');
        if (!text.includes(mark)) continue;
        return text.split('\n').flatMap((line) => lines.filter((wanted) => line.endsWith(wanted)));
      }
      return [];
    },
  };
}
