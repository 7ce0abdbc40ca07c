import { expect, it, onTestFinished } from 'vitest';
import { launchChromium } from '../../e2e/launchChromium.ts';
import { agentB, eventually, groupId, startEmulator } from './emulatorFixture.ts';

it('lets a person play the agents', async () => {
  const { emulator, telegram } = await startEmulator();
  const { message_thread_id: threadId } = await telegram.createForumTopic(groupId, 'Lamp returned');
  await telegram.sendMessage(
    groupId,
    '<b>Card</b> <script>alert(1)</script>'.replace(/<(\/?)script>/g, '&lt;$1script&gt;'),
    {
      message_thread_id: threadId,
      parse_mode: 'HTML',
      reply_markup: { inline_keyboard: [[{ text: 'Claim', callback_data: 'claim' }]] },
    },
  );
  const browser = await launchChromium();
  onTestFinished(() => browser.close());
  const page = await browser.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (entry) => entry.type() === 'error' && errors.push(entry.text()));
  await page.goto(emulator.url);

  const topic = page.getByRole('button', { name: /Lamp returned/ });
  await topic.getByLabel('1 unread').waitFor();
  await topic.click();
  await page.locator('article strong', { hasText: 'Card' }).waitFor();
  expect(await page.locator('article').innerText()).toContain('<script>alert(1)</script>');

  await page.getByRole('radio', { name: 'Agent B' }).click();
  await page.getByLabel('Message', { exact: true }).fill('On my way');
  await page.keyboard.press('Enter');
  await page.locator('.row.own', { hasText: 'On my way' }).waitFor();
  const [answer] = (await emulator.listUpdates({ kind: 'message' })).slice(-1);
  expect(answer?.message).toMatchObject({ text: 'On my way', message_thread_id: threadId, from: { id: agentB } });

  // What the bot does meanwhile shows by itself.
  await telegram.setMessageReaction(groupId, answer?.message?.message_id ?? 0, [{ type: 'emoji', emoji: '👀' }]);
  await page.getByRole('button', { name: '👀 1' }).waitFor();
  await page.getByRole('button', { name: 'Claim' }).click();
  const pressed = await eventually(
    async () => (await emulator.listUpdates({ kind: 'callback_query' }))[0]?.callback_query,
    'the press',
  );
  await telegram.answerCbQuery(pressed.id, 'Yours now');
  await page.getByText('Yours now').waitFor();
  await page.getByRole('button', { name: 'Close', exact: true }).click();
  await page.getByRole('button', { name: 'Reopen' }).waitFor();
  expect(await emulator.listTopics()).toMatchObject([{ closed: true }]);
  expect(errors).toEqual([]);
});
