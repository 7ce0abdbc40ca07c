import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { freePort } from '../dev/servers/freePort.ts';
import { freshToken, openConversation, request, VisitorClient } from './api/support/visitor.ts';
import { alive, descendantsOf, Program } from './support/program.ts';
import { type System, startApiProcess, startSystem, startWorkerProcess } from './support/startSystem.ts';

const ORIGIN = 'https://shop.example';

describe('two API and two worker processes', () => {
  let system: System;
  beforeAll(async () => {
    system = await startSystem({ origin: ORIGIN });
  }, 120_000);
  afterAll(() => system.stop());

  it('carry one conversation, and go in good order while it goes on', { timeout: 120_000 }, async () => {
    const urls = [await freePort(), await freePort()].map((port) => `http://127.0.0.1:${port}`);
    const apis = await Promise.all(urls.map((url) => startApiProcess(system, Number(new URL(url).port))));
    const workers = await Promise.all([startWorkerProcess(system), startWorkerProcess(system)]);
    for (const program of [...apis, ...workers]) onTestFinished(() => program.discard());
    const [firstUrl = '', secondUrl = ''] = urls;
    for (const url of urls) expect((await request(`${url}/ready`)).status).toBe(200);

    const site = { siteKey: 'demo', origin: ORIGIN };
    const { conversationId, token } = await openConversation(firstUrl, site);
    const here = await VisitorClient.join(firstUrl, token, { origin: ORIGIN });
    const fresh = await freshToken(secondUrl, site, conversationId);
    const there = await VisitorClient.join(secondUrl, fresh, { origin: ORIGIN });
    here.say('Said to the first');
    await there.message('Said to the first');
    await there.message('What can I do for you?');
    there.say('human, please');
    await here.message('human, please');

    // One of each goes; what is left carries on.
    await endsInGoodOrder(workers[0]);
    await endsInGoodOrder(apis[0]);
    expect(await here.closed()).toBe(1012);
    there.say('Still somebody there?');
    await there.message('Still somebody there?');
    expect(there.messages().map(({ seq }) => seq)).toEqual(there.messages().map((_, index) => index + 1));

    await endsInGoodOrder(workers[1]);
    await endsInGoodOrder(apis[1]);
  });
});

/** SIGTERM, exit code 0 within 10 s, and nothing of it left. */
async function endsInGoodOrder(program: Program | undefined): Promise<void> {
  if (!program) throw new Error('There is no such program');
  const pids = [program.pid, ...(await descendantsOf(program.pid))];
  const start = performance.now();
  program.kill('SIGTERM');
  expect(await program.ended).toEqual({ code: 0, signal: null });
  expect(performance.now() - start).toBeLessThan(10_000);
  expect(await alive(pids)).toEqual([]);
  expect(program.output).not.toMatch(/"level":[56]0/);
}

describe.each(['api', 'worker'])('npm run %s', (script) => {
  it('lists everything that its environment lacks, and ends', async () => {
    const program = Program.npm(script, { PORT: 'http', MASTER_KEY: 'c2VjcmV0' });
    expect(await program.ended).toEqual({ code: 1, signal: null });
    const lines = program.output.trim().split('\n');
    expect(lines[0]).toBe('The environment is not complete:');
    const names = lines.slice(1).map((line) => /^ {2}([A-Z_]+): .+$/.exec(line)?.[1]);
    expect(new Set(names)).toEqual(new Set(['CONVERSATION_JWT_SECRET', 'DATABASE_URL', 'MASTER_KEY', 'PORT']));
    expect(program.output).not.toContain('c2VjcmV0');
  });
});
