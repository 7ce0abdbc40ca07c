import { expect, test } from 'vitest';
import { DUE, useWidget, write } from './useWidget.ts';

const { startStub, visit, openChat } = useWidget();

test('asks once how a closed conversation was, by mouse or keyboard, and never again for that closing', async () => {
  const stub = await startStub();
  const page = await openChat(stub);
  await write(page, 'That is all');
  await expect.poll(() => stub.messages.length, DUE).toBe(1);
  const question = page.getByRole('group', { name: 'How was this conversation?' });
  expect(await question.count()).toBe(0);
  stub.closeConversation();
  await question.waitFor();
  expect(await page.getByRole('button', { name: 'Send rating' }).isDisabled()).toBe(true);

  await page.getByRole('radio', { name: '1 of 5: Very bad' }).focus();
  for (let presses = 0; presses < 3; presses += 1) await page.keyboard.press('ArrowRight');
  expect(await page.getByRole('radio', { name: '4 of 5: Good' }).isChecked()).toBe(true);
  expect(stub.received.filter(({ type }) => type === 'rate')).toEqual([]);
  // What the server cannot take now is said again.
  stub.onRate = () => {
    stub.onRate = (rating) => stub.rate(rating);
    stub.push({ type: 'error', code: 'engine_unavailable', message: 'Later', retryAfter: 0.1, frame: 'rate' });
  };
  await page.keyboard.press('Enter');
  await page.getByText('Thank you for your rating').first().waitFor();
  expect(stub.received.filter(({ type }) => type === 'rate')).toEqual([
    { type: 'rate', rating: 4 },
    { type: 'rate', rating: 4 },
  ]);
  expect(await question.count()).toBe(0);
  // What is read out goes on to what is said after the thanks.
  const announced = page.locator('.sr[aria-live="polite"]');
  expect(await announced.innerText()).toBe('Thank you for your rating');
  stub.say({ text: 'Your parcel has left', author: { kind: 'ai' } });
  await expect.poll(() => announced.innerText(), DUE).toContain('Your parcel has left');

  await page.reload();
  await page.getByRole('button', { name: 'Open chat' }).click();
  await page.getByText('Conversation closed').waitFor();
  expect(await question.count()).toBe(0);

  stub.closed = null;
  await write(page, 'One more thing');
  await expect.poll(() => stub.messages.length, DUE).toBe(3);
  stub.closeConversation();
  await page.locator('.star').nth(1).click();
  await page.getByRole('button', { name: 'Send rating' }).click();
  await expect.poll(() => stub.closed, DUE).toEqual({ rating: 2 });

  // The next closing's stars are not lit yet.
  stub.closed = null;
  await write(page, 'And another');
  await expect.poll(() => stub.messages.length, DUE).toBe(4);
  stub.closeConversation();
  await question.waitFor();
  expect(await page.locator('.star.is-lit').count()).toBe(0);
  expect(await page.getByRole('button', { name: 'Send rating' }).isDisabled()).toBe(true);
});

test('asks after a reload what was not answered, and not while the visitor writes', async () => {
  const stub = await startStub();
  stub.record({ text: 'Goodbye' });
  stub.closed = { rating: null };
  const page = await visit(stub);
  await page.getByRole('button', { name: 'Open chat' }).click();
  const question = page.getByRole('group', { name: 'How was this conversation?' });
  await question.waitFor();
  stub.onMessage = () => {};
  await write(page, 'Wait');
  await expect.poll(() => question.count(), DUE).toBe(0);
});
