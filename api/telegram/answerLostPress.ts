import type { TelegramDirectory } from '../../channels/telegram/createTelegramDirectory.ts';

/** Said below a button that nothing can come of, which shows that it is busy until somebody answers it. */
export const LOST_PRESS = 'This button belongs to no conversation any more.';

/**
 * Answers a press of which nobody knows to whose message it belongs: of the tenant's bots one may. Best effort, and costs
 * nothing of the budget.
 */
export async function answerLostPress(
  telegram: Pick<TelegramDirectory, 'connectionsOf'>,
  tenantId: string,
  queryId: string,
): Promise<void> {
  const bots = (await telegram.connectionsOf(tenantId)).flatMap((connection) => connection.bots);
  for (const { client } of bots) {
    const answered = await client.answerPress(queryId, LOST_PRESS, true);
    if (answered.ok) return;
  }
}
