import { expect, test } from 'vitest';
import { bubbles, DUE, expectBubbles, expectStatus, useWidget, write } from './useWidget.ts';

const { startStub, visit, openChat } = useWidget();

test('says what is over the limit and keeps the text', async () => {
  const stub = await startStub({ messageLength: 20 });
  const page = await openChat(stub);
  await write(page, 'x'.repeat(23));
  await page.getByText('3 characters too long').waitFor();
  expect(await page.getByRole('textbox').inputValue()).toBe('x'.repeat(23));
  expect(stub.sentTexts()).toEqual([]);

  stub.refusal = { status: 503, code: 'engine_unavailable' };
  stub.drop();
  for (let count = 0; count < 50; count += 1) await write(page, `queued ${count}`);
  await write(page, 'one too many');
  await page.getByText('Too many messages are waiting').waitFor();
  expect(await page.getByRole('textbox').inputValue()).toBe('one too many');
  expect(await bubbles(page)).toHaveLength(50);
});

test('lets the visitor repeat or remove a message that was refused for good', async () => {
  const stub = await startStub();
  stub.onMessage = ({ clientMessageId }) =>
    stub.push({ type: 'error', code: 'message_too_long', message: 'Too long', clientMessageId });
  const page = await openChat(stub);
  await write(page, 'refused');
  await page.getByText('This message is too long').waitFor();
  await write(page, 'unwanted');
  await expect.poll(() => page.getByRole('button', { name: 'Remove' }).count(), DUE).toBe(2);
  await page.getByRole('button', { name: 'Remove' }).last().click();
  await expectBubbles(page, ['refused']);

  stub.onMessage = (frame) => stub.accept(frame);
  await page.getByRole('button', { name: 'Try again' }).click();
  await expectStatus(page, 'Delivered');
  await expectBubbles(page, ['refused']);
});

test('sends a quick reply with its id and takes the choices away', async () => {
  const stub = await startStub();
  const page = await openChat(stub);
  stub.say({ text: 'What is it about?', choices: [{ id: 'order', label: 'My order' }] });
  await page.getByRole('button', { name: 'My order' }).click();

  await expectBubbles(page, ['What is it about?', 'My order']);
  expect(stub.received.filter(({ type }) => type === 'message')).toMatchObject([
    { text: 'My order', choiceId: 'order' },
  ]);
  expect(await page.getByRole('button', { name: 'My order', exact: true }).count()).toBe(0);
});

test('counts what is unread while closed, and forgets it once open', async () => {
  const stub = await startStub();
  const page = await openChat(stub);
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Open chat' }).waitFor();
  expect(await page.evaluate(() => document.activeElement?.shadowRoot?.activeElement?.className)).toContain('launcher');
  stub.say({ text: 'Are you *there*?', author: { kind: 'agent', name: 'Support' } });
  await page.getByText('Are you there?').first().waitFor();
  const launcher = page.getByRole('button', { name: 'Open chat, 1 unread message' });
  await launcher.waitFor();

  await launcher.click();
  await page.getByRole('textbox').press('Escape');
  await page.getByRole('button', { name: 'Open chat', exact: true }).waitFor();
});

test('turns text into text: no markup, no script addresses', async () => {
  const stub = await startStub();
  const page = await openChat(stub);
  const hostile = '<img src=x onerror=alert(1)> [press](javascript:alert(1)) [docs](https://example.com/a)';
  stub.say({ text: hostile, sources: [{ title: 'Bad', url: 'javascript:alert(1)' }] });
  await expectBubbles(page, ['<img src=x onerror=alert(1)> [press](javascript:alert(1)) docs']);

  expect(await page.locator('.list img').count()).toBe(0);
  expect(await page.locator('.list a').evaluateAll((links) => links.map((link) => link.getAttribute('href')))).toEqual([
    'https://example.com/a',
  ]);
});

test('leaves the visitor where they read, and offers the way to what is new', async () => {
  const stub = await startStub();
  const page = await openChat(stub);
  for (let count = 0; count < 30; count += 1) stub.say({ text: `line ${count}` });
  await page.getByText('line 29').first().waitFor();
  const atEnd = () =>
    page.locator('.list').evaluate((list) => list.scrollHeight - list.scrollTop - list.clientHeight < 5);
  await expect.poll(atEnd, DUE).toBe(true);

  // The browser tells of a scroll with its next frame; a message may be faster.
  const list = page.locator('.list');
  const release = await list.evaluateHandle((element) => {
    const hold = (event: Event) => event.stopPropagation();
    element.parentElement?.addEventListener('scroll', hold, true);
    element.scrollTo(0, 0);
    return () => element.parentElement?.removeEventListener('scroll', hold, true);
  });
  stub.say({ text: 'news' });
  const more = page.getByRole('button', { name: 'New messages' });
  await more.waitFor();
  expect(await atEnd()).toBe(false);
  await release.evaluate((stopHolding) => stopHolding());
  await more.click();
  await expect.poll(atEnd, DUE).toBe(true);
});

test('fills a small screen, and Tab stays inside', async () => {
  const stub = await startStub();
  const page = await openChat(stub, { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true });
  const panel = page.getByRole('dialog');
  await expect.poll(() => panel.boundingBox(), DUE).toEqual({ x: 0, y: 0, width: 390, height: 844 });
  for (let presses = 0; presses < 8; presses += 1) {
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('PARLEY-WIDGET');
  }
});

test('takes the commands of the page', async () => {
  const stub = await startStub();
  const page = await visit(stub);
  await page.getByRole('button', { name: 'Ask us anything' }).click();
  await page.getByRole('dialog').waitFor();
  await page.evaluate(() => window.Parley?.('remove'));
  expect(await page.locator('parley-widget').count()).toBe(0);
});
