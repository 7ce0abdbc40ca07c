import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { conversationWorkflowId, DEFAULT_TENANT_ID } from '../../contracts/workflowId.ts';
import { useWholeSystem } from './useWholeSystem.ts';
import { bubbles, DUE, expectBubbles, expectStatus, write } from './useWidget.ts';

const system = useWholeSystem();

/** The group's budget is 20 writes a minute; what earlier tests took is waited for. */
const IN_TOPIC = { timeout: 65_000 };

/** How the words of every hand-over end, whatever led to it. */
const HANDED_OVER = 'a colleague.';

/** Waits until the conversation says so, for the `nth` time. */
async function see(page: Page, text: string, nth = 1): Promise<void> {
  await page
    .locator('.bubble', { hasText: text })
    .nth(nth - 1)
    .waitFor();
}

async function openChat(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Open chat' }).click();
}

/** Opens the conversation and has the flow hand it over, so that nobody but people speaks from then on. */
async function openWithAPerson(page: Page, name: string): Promise<void> {
  await openChat(page);
  await write(page, `This is ${name}`);
  await page.getByRole('button', { name: 'Talk to a human' }).click();
  await see(page, HANDED_OVER);
}

/** The visitor's own messages as they stand. */
async function ownTexts(page: Page): Promise<string[]> {
  return (await page.locator('.row.own .bubble').allInnerTexts()).map((text) => text.trim());
}

test('takes a visitor from the greeting to a person and back', { timeout: 120_000 }, async () => {
  const { page, frames } = await system.visit();
  await openChat(page);
  await write(page, 'Good morning');
  await see(page, "I am the shop's assistant");

  await page.getByRole('button', { name: 'I have a question' }).click();
  await see(page, 'What would you like to know?');
  await write(page, 'How do I return something?');
  await see(page, 'You can return any unopened item within 30 days');
  await page.getByRole('link', { name: 'Returns and refunds' }).waitFor();
  expect(frames.filter((type) => type === 'message_delta').length).toBeGreaterThan(1);

  await see(page, 'Is there anything else?');
  await write(page, 'Do you have vegan chocolate muffins?');
  await see(page, HANDED_OVER);

  // The other side: the agent finds all of it in a topic, and answers there.
  const agent = await system.openTelegram();
  await agent.getByRole('button', { name: /Visitor/ }).click();
  for (const text of ['Good morning', 'How do I return something?', 'Do you have vegan chocolate muffins?']) {
    await agent.locator('article', { hasText: text }).waitFor();
  }
  await agent.locator('article', { hasText: 'Hand-over' }).waitFor();
  await system.say(agent, 'With pleasure. For how many guests?');
  await see(page, 'For how many guests?');
  await page.locator('.author', { hasText: 'Agent A' }).waitFor();
  await page.getByText('Agent A is helping you').waitFor();
  await write(page, 'About forty');
  await agent.locator('article', { hasText: 'About forty' }).waitFor();

  await system.say(agent, '/close');
  await page.getByText('Conversation closed').waitFor();
  await agent.getByRole('button', { name: 'Reopen', exact: true }).waitFor();
  await write(page, 'One more thing');
  await see(page, 'What can I do for you?', 2);
  await agent.getByRole('button', { name: 'Close', exact: true }).waitFor();
  await agent.locator('article', { hasText: 'One more thing' }).waitFor();
  expect(await agent.locator('article', { hasText: '/close' }).count()).toBe(1);

  const before = await bubbles(page);
  expect(before.slice(0, 2)).toEqual(['Good morning', expect.stringContaining("I am the shop's assistant")]);
  expect(before).not.toContain('/close');
  await page.reload();
  await openChat(page);
  await expectBubbles(page, before);
});

test('shows the same conversation in two tabs', async () => {
  const { page, context } = await system.visit();
  await openChat(page);
  await write(page, 'From the first tab');
  await see(page, 'What can I do for you?');
  const other = await context.newPage();
  await other.goto(page.url());
  await openChat(other);
  await expectBubbles(other, await bubbles(page));

  await other.getByRole('button', { name: 'Talk to a human' }).click();
  await see(page, HANDED_OVER);
  await Promise.all([write(page, 'first tab again'), write(other, 'second tab')]);
  await expect.poll(async () => (await ownTexts(page)).length, DUE).toBe(4);
  await expectBubbles(other, await bubbles(page));
});

test('brings every message once when the API dies while the visitor writes', { timeout: 120_000 }, async () => {
  const { page } = await system.visit();
  await openWithAPerson(page, 'a visitor of a bad moment');
  const written = ['in flight', 'into the void', 'and one more'];
  await write(page, 'in flight');
  await system.killApi();
  await write(page, 'into the void');
  await write(page, 'and one more');
  await expectStatus(page, 'Sending…').catch(() => {});
  await system.startApi();

  await expectStatus(page, 'Delivered');
  await expect.poll(async () => (await ownTexts(page)).slice(-3), DUE).toEqual(written);
  await page.reload();
  await openChat(page);
  await expect.poll(async () => (await ownTexts(page)).slice(2), DUE).toEqual(written);
  await expect.poll(() => system.linesInTopic('a visitor of a bad moment', written), IN_TOPIC).toEqual(written);
});

test('keeps what is written offline, and sends it when the network is back', { timeout: 120_000 }, async () => {
  const { page, context, goOffline } = await system.visit();
  await openWithAPerson(page, 'a traveller');
  await goOffline();
  await page.getByText('You are offline').waitFor();
  await write(page, 'from the tunnel');
  await write(page, 'still in it');
  await expect.poll(() => ownTexts(page), DUE).toHaveLength(4);
  expect(await system.linesInTopic('a traveller', ['from the tunnel', 'still in it'])).toEqual([]);

  await context.setOffline(false);
  await expectStatus(page, 'Delivered');
  const lines = ['from the tunnel', 'still in it'];
  await expect.poll(() => system.linesInTopic('a traveller', lines), IN_TOPIC).toEqual(lines);
});

test('seals what was said in Temporal, and opens it for Temporal UI alone', { timeout: 120_000 }, async () => {
  const { page } = await system.visit();
  await openChat(page);
  await write(page, 'My secret is cardamom');
  await see(page, 'What can I do for you?');
  const conversationId = await page.evaluate(() => window.localStorage.getItem('parley:demo:conversation') ?? '');
  const workflowId = conversationWorkflowId({ tenantId: DEFAULT_TENANT_ID, conversationId });
  const payloads = await system.storedSignals(workflowId);
  const stored = payloads.map(({ data }) => Buffer.from(data, 'base64').toString('latin1'));
  expect(stored).toHaveLength(1);
  expect(stored[0]).not.toContain('cardamom');

  const operator = await system.openTemporalUi(workflowId);
  await expect.poll(() => operator.locator('body').innerText(), { timeout: 40_000 }).toContain('"tenantId"');
  const decode = (from: Page) =>
    from.evaluate(
      async ([url, body]) => {
        const answer = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
        if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
        return ((await answer.json()) as { payloads: { data: string }[] }).payloads.map(({ data }) => atob(data));
      },
      [system.codecEndpoint(), JSON.stringify({ payloads })] as const,
    );
  expect(await decode(operator)).toEqual([expect.stringContaining('My secret is cardamom')]);
  await expect(decode(page)).rejects.toThrow('HTTP 403');
});
