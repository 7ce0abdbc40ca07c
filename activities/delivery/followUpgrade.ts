import type { ChannelFailure } from '../../channels/port.ts';
import { CodedError } from '../../contracts/errors.ts';
import type { Db } from '../../db/createDb.ts';
import { moveGroup } from '../../db/queries/channels/moveGroup.ts';
import { keepSettling } from './keepSettling.ts';
import type { WriteAttempt } from './settleWrite.ts';

/**
 * What a failed write means to the group: one that was upgraded takes its connection and its topics along to the new id. Where
 * another tenant has that one, the group is lost to this tenant, and the write is parked as in any channel to be repaired.
 */
export async function followUpgrade(
  db: Db,
  { tenantId, chatId }: Pick<WriteAttempt, 'tenantId' | 'chatId'>,
  failure: ChannelFailure,
): Promise<ChannelFailure> {
  if (failure.kind !== 'migrated') return failure;
  try {
    await keepSettling(() => moveGroup(db, { tenantId, chatId, newChatId: failure.chatId }));
    return failure;
  } catch (error) {
    if (error instanceof CodedError && error.code === 'group_taken') return { kind: 'parked', reason: 'group_taken' };
    throw error;
  }
}
