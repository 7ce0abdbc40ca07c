import { Client, Connection } from '@temporalio/client';
import type { Payload } from '@temporalio/common';
import type { Browser, BrowserContext, Page, WebSocketRoute } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { Closers } from '../../dev/launcher/closers.ts';
import { startDemoServer } from '../../dev/launcher/demoServer.ts';
import { freePort } from '../../dev/servers/freePort.ts';
import type { Program } from '../support/program.ts';
import { type System, startApiProcess, startSystem, startWorkerProcess } from '../support/startSystem.ts';
import { launchChromium } from './launchChromium.ts';

/** A payload in protobuf's JSON: bytes are base64. */
export interface StoredPayload {
  metadata: Record<string, string>;
  data: string;
}

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
  let temporalUiUrl: string;

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
    temporalUiUrl = `http://127.0.0.1:${uiPort}`;
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
    /** The conversation as an operator sees it. */
    async openTemporalUi(workflowId: string): Promise<Page> {
      const page = await (await newContext()).newPage();
      await page.goto(`${temporalUiUrl}/namespaces/default/workflows/${encodeURIComponent(workflowId)}`);
      return page;
    },
    /** A conversation's signals as Temporal keeps them: payloads in the JSON that codec endpoints take. */
    async storedSignals(workflowId: string): Promise<StoredPayload[]> {
      const connection = await Connection.connect({ address: system.variables['TEMPORAL_ADDRESS'] });
      const { events } = await new Client({ connection }).workflow.getHandle(workflowId).fetchHistory();
      await connection.close();
      const inputs = events?.map((event) => event.workflowExecutionSignaledEventAttributes?.input?.payloads?.[0]) ?? [];
      return inputs.flatMap((payload) => (payload ? [toStored(payload)] : []));
    },
    codecEndpoint: () => `${demoUrl}/codec/decode`,
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

function toStored({ metadata, data }: Payload): StoredPayload {
  const base64 = (bytes: Uint8Array | null | undefined) => Buffer.from(bytes ?? []).toString('base64');
  const entries = Object.entries(metadata ?? {}).map(([name, value]) => [name, base64(value)]);
  return { metadata: Object.fromEntries(entries) as Record<string, string>, data: base64(data) };
}
