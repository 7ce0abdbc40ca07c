import { mkdir, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { environment } from '../../config/env.ts';
import { freePort, isPortFree } from '../../dev/servers/freePort.ts';
import { createEmulatorControl } from '../../dev/telegram/control/createEmulatorControl.ts';
import { request, VisitorClient } from '../api/support/visitor.ts';
import { Program } from '../support/program.ts';
import { addressesOf, secondsToEnd, topicOf, visit } from './fixtures/launched.ts';
import { startGivenServers } from './fixtures/startGivenServers.ts';

const LAUNCHER = 'dev/main.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-launcher-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Started by itself, not by npm, so that its pid can be killed; ends with the test. */
function launch(state: string, env: Record<string, string> = {}): Program {
  const launcher = Program.node(LAUNCHER, env, ['--state', state]);
  onTestFinished(() => launcher.discard());
  return launcher;
}

async function takePort(port: number): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
}

describe('from start to start', () => {
  it('keeps conversations, topics, secrets and workflows; ends at once, whoever ends it', {
    timeout: 240_000,
  }, async () => {
    const state = join(folder, 'kept');
    const home = join(folder, 'home');
    const temp = join(folder, 'tmp');
    for (const each of [home, temp]) await mkdir(each);
    const npm = Program.npm('start', { HOME: home, TMPDIR: temp }, ['--state', state]);
    onTestFinished(() => npm.discard());
    const first = await addressesOf(npm);
    expect((await request(`${first.api}/ready`)).status).toBe(200);
    expect((await fetch(first.temporalUi)).status).toBe(200);
    expect(await (await fetch(first.demo)).text()).toContain(`src="${first.api}/widget.js"`);
    const visitor = await visit(first);
    const threadId = await topicOf(first.telegram);

    const second = launch(state);
    expect(await second.ended).toEqual({ code: 1, signal: null });
    expect(second.output.trim().split('\n')).toEqual([
      expect.stringMatching(/already runs from this folder \(process/),
    ]);

    // Ctrl-C, with npm and its shell in the foreground as well; nothing but the two lines is said about it.
    const secrets = await readFile(join(state, 'secrets.json'), 'utf8');
    const calm = npm.output;
    expect(calm.split('Ctrl-C stops everything.')[1]?.trim()).toBe('');
    await secondsToEnd(npm, () => npm.pressCtrlC());
    await npm.ended;
    expect(npm.output.slice(calm.length).trim().split('\n')).toEqual(['Stopping …', 'Stopped.']);
    const ports = Object.values(first).map((url) => Number(new URL(url).port));
    expect(await Promise.all(ports.map(isPortFree))).toEqual([true, true, true, true]);
    // Caches aside: of the tools that npm start stands on.
    expect((await readdir(home)).filter((name) => !['.npm', '.cache', '.config'].includes(name))).toEqual([]);
    expect((await readdir(temp)).filter((name) => !/^(tsx-|node-compile-cache)/.test(name))).toEqual([]);

    const again = launch(state, { PORT: new URL(first.api).port });
    const { api, demo, telegram } = await addressesOf(again);
    expect(api).toBe(first.api);
    expect(await readFile(join(state, 'secrets.json'), 'utf8')).toBe(secrets);
    // The token of before is still good: the secrets are the same.
    const client = await VisitorClient.join(api, visitor.token, { origin: demo, since: 0 });
    await client.message('Hello from the test');
    await client.message('What can I do for you?');
    expect(await topicOf(telegram)).toBe(threadId);
    await createEmulatorControl(telegram).postMessage({ threadId, text: 'I am back too' });
    expect(await client.message('I am back too')).toMatchObject({ author: { kind: 'agent' } });
    expect(await secondsToEnd(again, () => again.kill('SIGTERM'))).toBeLessThan(10);
    expect(await again.ended).toEqual({ code: 0, signal: null });

    const killed = launch(state);
    await addressesOf(killed);
    expect(await secondsToEnd(killed, () => killed.kill('SIGKILL'))).toBeLessThan(10);

    const recovered = launch(state, { PORT: new URL(first.api).port });
    await addressesOf(recovered);
    const returning = await VisitorClient.join(api, visitor.token, { origin: demo, since: 0 });
    await returning.message('I am back too');
  });
});

describe('where something is in the way', () => {
  it('takes the next free port instead of its own, and names it', { timeout: 120_000 }, async () => {
    if (await isPortFree(4012)) await takePort(4012);
    const launcher = launch(join(folder, 'ports'));
    const { api } = await addressesOf(launcher);
    expect(launcher.output).toContain(`Port 4012 is taken; the API uses ${new URL(api).port}.`);
    expect((await request(`${api}/ready`)).status).toBe(200);
  });

  it('says in one line that the port it was told to take is taken', async () => {
    const port = await freePort();
    await takePort(port);
    const launcher = launch(join(folder, 'taken'), { PORT: String(port) });
    expect(await launcher.ended).toEqual({ code: 1, signal: null });
    expect(launcher.output).toContain(`Parley could not start: Port ${port} (PORT) is taken by another program.\n`);
    expect(launcher.output).not.toContain('    at ');
  });

  it.each<{ env: Record<string, string>; says: RegExp[] }>([
    { env: { LOG_LEVEL: 'loud', PORT: 'x' }, says: [/^ {2}LOG_LEVEL: .+$/m, /^ {2}PORT: .+$/m] },
    { env: { BOT_TOKEN: '1:secret-token' }, says: [/BOT_TOKEN and SUPPORT_GROUP_ID belong together/] },
  ])('names what is wrong in the environment: $says', async ({ env, says }) => {
    const launcher = launch(join(folder, 'env'), env);
    expect(await launcher.ended).toEqual({ code: 1, signal: null });
    for (const line of says) expect(launcher.output).toMatch(line);
    expect(launcher.output).not.toContain('secret-token');
    expect(launcher.output).not.toContain('    at ');
  });

  it('works without redis-server', { timeout: 120_000 }, async () => {
    const launcher = launch(join(folder, 'no-redis'), {
      PATH: await pathWithout('redis-server'),
      PORT: String(await freePort()),
    });
    const addresses = await addressesOf(launcher);
    expect(launcher.output).toContain('No redis-server on PATH');
    await visit(addresses);
    await topicOf(addresses.telegram);
  });
});

it('uses the servers and the Telegram group that the environment names', { timeout: 120_000 }, async () => {
  const state = join(folder, 'given');
  const { variables, groupId, telegramUrl } = await startGivenServers(join(folder, 'servers'));
  const launcher = launch(state, { ...variables, PORT: String(await freePort()) });
  await launcher.says(/Ctrl-C stops everything/);
  for (const name of ['DATABASE_URL', 'REDIS_URL', 'TEMPORAL_ADDRESS'])
    expect(launcher.output).toContain(`: ${name}\n`);
  expect(launcher.output).toContain(`your group ${groupId}, by polling`);
  const { client } = await visit(await addressesOf(launcher));
  const threadId = await topicOf(telegramUrl, groupId);
  await createEmulatorControl(telegramUrl).postMessage({ groupId, threadId, text: 'Heard by polling' });
  await client.message('Heard by polling');
  // Nothing of its own beside the secrets and its place.
  expect(new Set(await readdir(state))).toEqual(new Set(['launcher.pid', 'secrets.json']));
});

/** A PATH with every program of this one but `program`. */
async function pathWithout(program: string): Promise<string> {
  const bin = join(folder, 'bin');
  await mkdir(bin);
  for (const directory of (environment()['PATH'] ?? '').split(delimiter)) {
    for (const name of await readdir(directory).catch(() => [])) {
      if (name !== program) await symlink(join(directory, name), join(bin, name)).catch(() => {});
    }
  }
  return bin;
}
