import { type BotFindings, diagnoseBot } from '../../channels/telegram/diagnoseBot.ts';
import type { ProblemCode } from '../../contracts/diagnosis.ts';
import { CodedError, type ErrorCode, type ErrorDetail } from '../../contracts/errors.ts';
import type { ConnectedBot } from './connectedBot.ts';

/** What no press of a button in the group mends: nothing is stored. The rest is for the diagnosis. */
const FATAL: Partial<Record<ProblemCode, { code: ErrorCode; field: 'botTokens' | 'groupId' }>> = {
  token_refused: { code: 'bot_token_refused', field: 'botTokens' },
  group_not_found: { code: 'group_refused', field: 'groupId' },
  bot_not_in_group: { code: 'group_refused', field: 'groupId' },
  group_upgraded: { code: 'group_refused', field: 'groupId' },
  not_a_group: { code: 'group_refused', field: 'groupId' },
};

/**
 * Refuses tokens that are none and groups that the bots are not in: `bot_token_refused` or `group_refused` with what to do, or
 * `telegram_unavailable`. So nobody takes a group that is not theirs by typing in its id.
 */
export async function verifyTelegram(bots: readonly ConnectedBot[], groupId: string): Promise<void> {
  const findings = await Promise.all(bots.map((bot) => diagnoseBot(bot, groupId, { mode: 'unasked' })));
  const refusals = findings.flatMap(refusalsOf);
  const [first] = refusals;
  if (first) {
    const details = refusals.map(({ path, message }) => ({ path, message }));
    throw new CodedError(first.code, 'Telegram does not let these bots serve this group.', { details });
  }
  const unreachable = findings.flatMap(({ problems }) => problems).find(({ code }) => code === 'telegram_unreachable');
  if (unreachable) throw new CodedError('telegram_unavailable', unreachable.problem, { retryAfterSeconds: 5 });
}

function refusalsOf({ problems }: BotFindings, index: number): (ErrorDetail & { code: ErrorCode })[] {
  return problems.flatMap(({ code, problem, remedy }) => {
    const fatal = FATAL[code];
    if (!fatal) return [];
    const path = fatal.field === 'botTokens' ? `/botTokens/${index}` : '/groupId';
    return [{ code: fatal.code, path, message: `${problem} ${remedy}` }];
  });
}
