import { expect, test } from 'vitest';
import { DUE, expectBubbles, useWidget, write } from './useWidget.ts';

const { startStub, openChat } = useWidget();

const agent = { kind: 'agent', name: 'Kim' } as const;

test('shows what an agent wrote as it was formatted, and no markup of anybody', async () => {
  const stub = await startStub();
  const page = await openChat(stub);
  const text = '😀 bold שלום <b>no</b> *stars* here\ncode';
  stub.say({
    author: agent,
    text,
    entities: [
      { type: 'bold', offset: 3, length: 4 },
      { type: 'italic', offset: text.indexOf('שלום'), length: 4 },
      { type: 'link', offset: text.indexOf('here'), length: 4, url: 'https://example.com/' },
      { type: 'pre', offset: text.indexOf('code'), length: 4 },
      { type: 'link', offset: text.indexOf('no'), length: 2, url: 'javascript:alert(1)' },
    ],
  });
  const bubble = page.locator('.bubble', { hasText: 'stars' });
  await expect.poll(() => bubble.locator('strong').allInnerTexts(), DUE).toEqual(['bold']);
  expect(await bubble.locator('em').innerText()).toBe('שלום');
  expect(await bubble.locator('a').evaluateAll((links) => links.map((link) => link.getAttribute('href')))).toEqual([
    'https://example.com/',
  ]);
  expect(await bubble.locator('pre').innerText()).toBe('code');
  expect(await bubble.innerText()).toContain('<b>no</b> *stars*');
});

test('shows what an agent answers, and what became of it', async () => {
  const stub = await startStub();
  const page = await openChat(stub);
  await write(page, 'When do you open?');
  await expectBubbles(page, ['When do you open?']);
  await expect.poll(() => stub.messages.length, DUE).toBe(1);
  const [question] = stub.messages;
  const said = stub.say({
    author: agent,
    text: 'At nine',
    entities: [],
    replyTo: { messageId: question?.id ?? '' },
  });
  const bubble = page.locator('.row.site', { hasText: 'At nine' });
  await expect.poll(() => bubble.locator('.quoted').innerText(), DUE).toMatch(/You\s+When do you open\?/);
  expect(await bubble.getByText('edited').count()).toBe(0);

  const { id, seq } = said;
  const edit = { type: 'message_edited' as const, id, seq, entities: [] };
  // Telegram's dates are in seconds: of two the later one holds.
  stub.push({ ...edit, text: 'At half past nine', editedAt: '2026-01-01T10:00:02.000Z' });
  stub.push({ ...edit, text: 'At ten', editedAt: '2026-01-01T10:00:02.000Z' });
  stub.push({ ...edit, text: 'At eight', editedAt: '2026-01-01T10:00:01.000Z' });
  const edited = page.locator('.row.site', { hasText: 'At ten' });
  await edited.getByText('edited').waitFor();
  expect(await page.getByText('At eight').count()).toBe(0);
});

test('tells that an answer is there, and that it was read once the chat is open', async () => {
  const stub = await startStub();
  const page = await openChat(stub);
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Open chat' }).waitFor();
  const { id: messageId } = stub.say({ author: agent, text: 'Hello?' });
  stub.say({ text: 'I am the bot' });
  const receipts = () => stub.received.filter(({ type }) => type === 'receipt');
  await expect.poll(receipts, DUE).toEqual([{ type: 'receipt', messageId, status: 'delivered' }]);
  await page.getByRole('button', { name: 'Open chat' }).click();
  await expect.poll(receipts, DUE).toEqual([
    { type: 'receipt', messageId, status: 'delivered' },
    { type: 'receipt', messageId, status: 'read' },
  ]);
});
