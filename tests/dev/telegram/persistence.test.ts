import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Telegram } from 'telegraf';
import { expect, it, onTestFinished } from 'vitest';
import { createEmulatorControl } from '../../../dev/telegram/control/createEmulatorControl.ts';
import type { EmulatorControl } from '../../../dev/telegram/control/emulatorControl.ts';
import { botToken, groupId, refusal, startEmulator } from './emulatorFixture.ts';

async function tempFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'telegram-emulator-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

interface Running {
  process: ChildProcess;
  control: EmulatorControl;
  telegram: Telegram;
}

/** The emulator as a process of its own. */
async function spawnEmulator(state: string, ...flags: string[]): Promise<Running> {
  const main = new URL('../../../dev/telegram/main.ts', import.meta.url).pathname;
  const args = [
    '--import',
    'tsx',
    main,
    '--state',
    state,
    '--bot-token',
    botToken,
    '--group-id',
    `${groupId}`,
    ...flags,
  ];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  const { url } = JSON.parse(line) as { url: string };
  return { process: child, control: createEmulatorControl(url), telegram: new Telegram(botToken, { apiRoot: url }) };
}

it('keeps all that it answered over kill -9, and ends on SIGTERM', async () => {
  const state = await tempFolder();
  const first = await spawnEmulator(state, '--limits', 'off');
  const { message_thread_id } = await first.telegram.createForumTopic(groupId, 'Visitor');
  const document = await first.telegram.sendDocument(groupId, { source: Buffer.from('kept'), filename: 'k.txt' });
  await first.control.postMessage({ threadId: message_thread_id, text: 'from an agent' });
  const answered: number[] = [];
  const sending = (async () => {
    for (let i = 0; ; i += 1) {
      const { message_id } = await first.telegram.sendMessage(groupId, `${i}`, { message_thread_id });
      answered.push(message_id);
      if (answered.length === 30) first.process.kill('SIGKILL');
    }
  })();
  await expect(sending).rejects.toThrow(/ECONNRESET|ECONNREFUSED|socket hang up/);

  const second = await spawnEmulator(state, '--limits', 'off');
  const kept = (await second.control.listMessages({ threadId: message_thread_id })).map(
    ({ message }) => message.message_id,
  );
  expect(kept).toEqual(expect.arrayContaining(answered));
  expect(await second.control.listTopics()).toMatchObject([{ name: 'Visitor' }]);
  expect(await second.control.listUpdates({ kind: 'message' })).toContainEqual(
    expect.objectContaining({ message: expect.objectContaining({ text: 'from an agent' }) as object }),
  );
  const link = await second.telegram.getFileLink(document.document.file_id);
  expect(await (await fetch(link)).text()).toBe('kept');
  const next = await second.telegram.sendMessage(groupId, 'next');
  expect(next.message_id).toBeGreaterThan(Math.max(...answered));

  second.process.kill('SIGTERM');
  expect(await once(second.process, 'exit')).toEqual([0, null]);
});

it('overlooks a torn last line', async () => {
  const statePath = await tempFolder();
  const { emulator, telegram } = await startEmulator({ statePath });
  await telegram.sendMessage(groupId, 'whole');
  await emulator.stop();
  await appendFile(join(statePath, 'journal.jsonl'), '[["message","-100/9",{"chatId":-1');
  const again = await startEmulator({ statePath });
  const texts = (await again.emulator.listMessages()).flatMap(({ message }) => message.text ?? []);
  expect(texts).toEqual(['whole']);
  expect(await readFile(join(statePath, 'journal.jsonl'), 'utf8')).not.toContain('-100/9');
});

it('remembers over a restart how much of a budget is used', async () => {
  const statePath = await tempFolder();
  const { emulator, telegram } = await startEmulator({ statePath, limits: 'real' });
  for (let i = 0; i < 20; i += 1) await telegram.sendMessage(groupId, 'x');
  await emulator.stop();
  const again = await startEmulator({ statePath, limits: 'real' });
  expect((await refusal(again.telegram.sendMessage(groupId, 'x'))).code).toBe(429);
});

it('is controlled over HTTP as in the same process', async () => {
  const { emulator, telegram } = await startEmulator();
  const control = createEmulatorControl(emulator.url);
  const { threadId } = await control.createTopic({ name: 'Visitor' });
  await control.postMessage({ threadId, text: 'hi' });
  await control.injectFault({ kind: 'retryAfter', seconds: 3 });
  expect((await refusal(telegram.sendMessage(groupId, 'x'))).code).toBe(429);
  expect(await control.listMessages({ threadId })).toEqual(await emulator.listMessages({ threadId }));
  expect(Object.keys(control).sort()).toEqual(
    Object.keys(emulator)
      .filter((name) => !['url', 'port', 'stop'].includes(name))
      .sort(),
  );
  await expect(control.closeTopic({ threadId: 999 })).rejects.toThrow('no such topic');
});
