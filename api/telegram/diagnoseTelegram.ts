import { type BotFindings, diagnoseBot, type ExpectedUpdates } from '../../channels/telegram/diagnoseBot.ts';
import { describeProblem } from '../../channels/telegram/problemWords.ts';
import { hashWebhookSecret, webhookSecretIn } from '../../channels/telegram/webhookAddress.ts';
import type { Diagnosis, Problem, ProblemCode } from '../../contracts/diagnosis.ts';
import type { ChannelConnection } from '../../db/queries/listChannelConnections.ts';
import type { ConnectedBot } from './connectedBot.ts';
import type { TelegramSetup } from './createTelegramSetup.ts';

/** What is wrong with a Telegram connection. `switchedOn`: does the tenant have Telegram switched on? */
export async function diagnoseTelegram(
  setup: TelegramSetup,
  connection: ChannelConnection,
  { switchedOn }: { switchedOn: boolean },
): Promise<Diagnosis> {
  const group = connection.channelId ?? '';
  const secrets = await setup.secretsOf(connection);
  const bots = secrets?.botTokens.map((token) => setup.botOf(token)) ?? [];
  const updates = expectedUpdates(setup, connection);
  const findings = await Promise.all(bots.map((bot) => diagnoseBot(bot, group, updates)));
  const ours: ProblemCode[] = [];
  if (connection.status !== 'active') ours.push('channel_disabled');
  if (!switchedOn) ours.push('telegram_switched_off');
  if (bots.length === 0) ours.push('secrets_missing');
  const general = ours.map((code) => describeProblem(code, { botId: null, bot: '', group }));
  return summarise(setup, { group, bots, findings, general });
}

function expectedUpdates({ updates }: TelegramSetup, { webhookSecretHash }: ChannelConnection): ExpectedUpdates {
  if (updates.mode === 'polling') return updates;
  const { publicUrl } = updates;
  if (!publicUrl) return { mode: 'nowhere' };
  return {
    mode: 'webhook',
    placeOf(url) {
      const secret = webhookSecretIn(publicUrl, url);
      if (secret === undefined) return 'elsewhere';
      return webhookSecretHash?.equals(hashWebhookSecret(secret)) ? 'here' : 'outdated';
    },
  };
}

interface Findings {
  group: string;
  bots: ConnectedBot[];
  findings: BotFindings[];
  /** Problems of the connection as such. */
  general: Problem[];
}

function summarise({ updates }: TelegramSetup, { group, bots, findings, general }: Findings): Diagnosis {
  const problems = [...general, ...findings.flatMap((found) => found.problems)];
  const title = findings.map(({ groupTitle }) => groupTitle).find((known) => known !== null);
  return {
    checkedAt: new Date().toISOString(),
    ready: !problems.some(({ severity }) => severity === 'blocking'),
    updates: updates.mode,
    group: title === undefined ? null : { id: group, title },
    bots: bots.map(({ botId }, index) => ({ id: botId, username: findings[index]?.username ?? null })),
    problems,
  };
}
