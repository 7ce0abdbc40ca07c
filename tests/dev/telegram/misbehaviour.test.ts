import { expect, it } from 'vitest';
import { botToken, groupId, refusal, startEmulator } from './emulatorFixture.ts';

function send(url: string, text: string, timeoutMs = 5_000): Promise<Response> {
  return fetch(`${url}/bot${botToken}/sendMessage`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ chat_id: groupId, text }),
    signal: AbortSignal.timeout(timeoutMs),
  });
}

async function texts(emulator: Awaited<ReturnType<typeof startEmulator>>['emulator']): Promise<(string | undefined)[]> {
  return (await emulator.listMessages()).flatMap(({ message }) => message.text ?? []);
}

it('429 with any retry_after, for the next calls of a method', async () => {
  const { emulator, telegram } = await startEmulator();
  await emulator.injectFault({ kind: 'retryAfter', seconds: 10_072, method: 'sendMessage', count: 2, skip: 1 });
  await telegram.sendMessage(groupId, 'one');
  await telegram.createForumTopic(groupId, 'not hit');
  const refused = {
    code: 429,
    description: 'Too Many Requests: retry after 10072',
    parameters: { retry_after: 10_072 },
  };
  expect(await refusal(telegram.sendMessage(groupId, 'two'))).toEqual(refused);
  expect(await refusal(telegram.sendMessage(groupId, 'two'))).toEqual(refused);
  await telegram.sendMessage(groupId, 'three');
  expect(await texts(emulator)).toEqual(['one', 'three']);
  expect((await emulator.listCalls()).map((call) => call.errorCode ?? 200)).toEqual([200, 200, 429, 429, 200]);
});

it('hits one topic alone', async () => {
  const { emulator, telegram } = await startEmulator();
  const { message_thread_id } = await telegram.createForumTopic(groupId, 'Visitor');
  await emulator.injectFault({ kind: 'refuse', threadId: message_thread_id, code: 403, description: 'Forbidden: no' });
  await telegram.sendMessage(groupId, 'general');
  expect(await refusal(telegram.sendMessage(groupId, 'x', { message_thread_id }))).toEqual({
    code: 403,
    description: 'Forbidden: no',
  });
});

it('5xx in HTML and in JSON, before and after doing the work', async () => {
  const { emulator } = await startEmulator();
  await emulator.injectFault({ kind: 'serverError', code: 502, afterWork: false });
  await emulator.injectFault({ kind: 'serverError', code: 500, body: 'json', description: 'Internal Server Error' });
  const html = await send(emulator.url, 'not done');
  expect([html.status, html.headers.get('content-type')]).toEqual([502, 'text/html']);
  const json = await send(emulator.url, 'done');
  expect(await json.json()).toEqual({ ok: false, error_code: 500, description: 'Internal Server Error' });
  expect(await texts(emulator)).toEqual(['done']);
});

it('a storm for a while, and its end on order', async () => {
  const { emulator, telegram } = await startEmulator();
  await emulator.injectFault({ kind: 'serverError', afterWork: false, forMs: 60_000 });
  for (let i = 0; i < 5; i += 1) expect((await send(emulator.url, 'x')).status).toBe(502);
  expect(await emulator.listFaults()).toMatchObject([{ hits: 5 }]);
  await emulator.clearFaults();
  await telegram.sendMessage(groupId, 'through');
  expect(await texts(emulator)).toEqual(['through']);
});

it('hangs after doing the work, for ever or for a while', async () => {
  const { emulator } = await startEmulator();
  await emulator.injectFault({ kind: 'hang' });
  await expect(send(emulator.url, 'no answer', 100)).rejects.toThrow(/timeout|aborted/i);
  await emulator.injectFault({ kind: 'hang', ms: 30 });
  expect(await (await send(emulator.url, 'late answer')).json()).toMatchObject({ ok: true });
  await emulator.injectFault({ kind: 'hang', afterWork: false });
  await expect(send(emulator.url, 'never done', 100)).rejects.toThrow(/timeout|aborted/i);
  expect(await texts(emulator)).toEqual(['no answer', 'late answer']);
});

it('drops the connection before or after doing the work', async () => {
  const { emulator } = await startEmulator();
  await emulator.injectFault({ kind: 'drop', afterWork: false });
  await expect(send(emulator.url, 'not done')).rejects.toThrow('fetch failed');
  await emulator.injectFault({ kind: 'drop' });
  await expect(send(emulator.url, 'done')).rejects.toThrow('fetch failed');
  expect(await texts(emulator)).toEqual(['done']);
});

it('delays an answer', async () => {
  const { emulator } = await startEmulator();
  await emulator.injectFault({ kind: 'delay', ms: 80 });
  const before = performance.now();
  await send(emulator.url, 'x');
  expect(performance.now() - before).toBeGreaterThanOrEqual(75);
});
