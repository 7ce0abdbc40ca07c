import { expect, test } from 'vitest';
import { DUE, expectBubbles, expectStatus, useWidget, write } from './useWidget.ts';

const { startStub, openChat } = useWidget();

const agent = { kind: 'agent', name: 'Kim' } as const;

test('lets the visitor answer one message, and shows what was answered before, while and after it is sent', async () => {
  const stub = await startStub();
  const page = await openChat(stub);
  const first = stub.say({ author: agent, text: 'Which **order** is it?' });
  stub.say({ author: agent, text: 'And where do you live?' });
  await expectBubbles(page, ['Which order is it?', 'And where do you live?']);

  const box = page.getByRole('textbox');
  const cancel = page.getByRole('button', { name: 'Cancel reply' });
  // By keyboard: one stop for Tab, arrow keys from there.
  await box.press('Shift+Tab');
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Enter');
  await page.getByText('Replying to Kim').waitFor();
  await box.press('Escape');
  expect(await cancel.count()).toBe(0);
  expect(await box.isVisible()).toBe(true);

  await page.locator('.row', { hasText: 'Which order' }).hover();
  await page.getByRole('button', { name: 'Reply to: Which **order** is it?' }).click();
  await cancel.waitFor();
  // Nothing reaches the server: the queue keeps what is answered.
  stub.refusal = { status: 503, code: 'engine_unavailable' };
  stub.drop();
  await write(page, 'Number 7');
  expect(await cancel.count()).toBe(0);
  const answer = page.locator('.row.own', { hasText: 'Number 7' });
  expect(await answer.locator('.quoted').innerText()).toMatch(/Kim\s+Which order is it\?/);

  stub.refusal = undefined;
  await expectStatus(page, 'Delivered');
  expect(stub.messages.at(-1)).toMatchObject({ text: 'Number 7', replyTo: { messageId: first.id } });
  expect(await answer.locator('.quoted').innerText()).toMatch(/Kim\s+Which order is it\?/);

  await write(page, 'In Bonn');
  await expect.poll(() => stub.messages.length, DUE).toBe(4);
  expect(stub.messages.at(-1)?.replyTo).toBeUndefined();
  await page.reload();
  await page.getByRole('button', { name: 'Open chat' }).click();
  await expect
    .poll(() => page.locator('.row.own .quoted').allInnerTexts(), DUE)
    .toEqual([expect.stringMatching(/Kim\s+Which order is it\?/)]);
});
