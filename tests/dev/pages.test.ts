import { expect, it } from 'vitest';
import { startDemoServer } from '../../dev/launcher/demoServer.ts';
import { freePort } from '../../dev/servers/freePort.ts';
import { startTelegramEmulator } from '../../dev/telegram/startTelegramEmulator.ts';

const API = 'http://127.0.0.1:4012';

/** What no page of ours may leave open. */
const EVERY_PAGE = ["default-src 'none'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"];

async function policyOf(page: string): Promise<string[]> {
  const { headers } = await fetch(page);
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  return (headers.get('content-security-policy') ?? '').split('; ');
}

it('the demo shop allows its own files, and the widget with its API', async () => {
  const demo = await startDemoServer({
    port: await freePort(),
    apiUrl: () => API,
    temporalUiOrigin: undefined,
    serviceToken: '',
  });
  try {
    const policy = await policyOf(`${demo.url}/`);
    const own = [`script-src 'self' ${API}`, "style-src 'self'", `connect-src 'self' ${API} ws://127.0.0.1:4012`];
    expect(policy).toEqual(expect.arrayContaining([...EVERY_PAGE, ...own]));
  } finally {
    await demo.close();
  }
});

it('the agents’ page allows its own files alone', async () => {
  const emulator = await startTelegramEmulator({
    limits: 'off',
    seed: { botToken: '4711:AAtest-token-of-a-bot', groupId: -1_001_000_000_001 },
  });
  try {
    const policy = await policyOf(`${emulator.url}/`);
    const own = ["script-src 'self'", "style-src 'self'", "connect-src 'self'"];
    expect(policy).toEqual(expect.arrayContaining([...EVERY_PAGE, ...own]));
  } finally {
    await emulator.stop();
  }
});
