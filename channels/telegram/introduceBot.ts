import { setTimeout as sleep } from 'node:timers/promises';
import type { ChannelFailure, ChannelResult } from '../port.ts';
import { AGENT_COMMANDS } from './agentCommands.ts';
import type { BotAccount, WebhookTarget } from './createBotAccount.ts';

const MENU = AGENT_COMMANDS.map(({ command, description }) => ({ command, description }));

/** Telegram may be out of reach for hours. */
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;

export interface Introduction {
  chatId: string;
  webhook: WebhookTarget | undefined;
}

/**
 * Tells Telegram where the bot's updates go (without a webhook whoever polls asks for them), and what agents in the group may
 * ask for. A menu that was refused is no reason to do without the updates.
 */
export async function introduceBot(
  account: BotAccount,
  { chatId, webhook }: Introduction,
): Promise<ChannelResult<void>> {
  const [updates, menu] = await Promise.all([
    webhook ? account.setWebhook(webhook) : ({ ok: true, value: undefined } as const),
    account.offerCommands(chatId, MENU),
  ]);
  return updates.ok ? menu : updates;
}

/** Whether another try may end otherwise: Telegram has not said no. */
export function mayPass({ kind }: ChannelFailure): boolean {
  return kind === 'unavailable' || kind === 'unknown_outcome' || kind === 'throttled';
}

/**
 * Introduces a bot of which Telegram has not heard because of `failure`, with growing pauses until it has, or has said no.
 * Undefined when `signal` ended it, or `isWanted` answered no; where that cannot be answered it waits on.
 */
export async function retryIntroduction(
  account: BotAccount,
  introduction: Introduction,
  failure: ChannelFailure,
  { signal, isWanted }: { signal: AbortSignal; isWanted(): Promise<boolean> },
): Promise<ChannelResult<void> | undefined> {
  let restMs = restOf(failure);
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    await sleep(Math.max(pauseMs, restMs), undefined, { signal, ref: false }).catch(() => {});
    const wanted = signal.aborted ? false : await isWanted().catch(() => undefined);
    if (wanted === false) return undefined;
    if (wanted === undefined) continue;
    const result = await introduceBot(account, introduction);
    if (result.ok || !mayPass(result.failure)) return result;
    restMs = restOf(result.failure);
  }
}

function restOf(failure: ChannelFailure): number {
  return failure.kind === 'throttled' ? failure.retryAfterMs : 0;
}
