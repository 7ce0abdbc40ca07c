import type { Call } from '../emulator.ts';
import type { GroupRecord } from '../state/records.ts';

/** Takes writes from the budget of (bot, group), or throws 429. Called last, so that refused calls cost nothing. */
export function takeWrites(call: Call, group: GroupRecord, cost = 1): void {
  call.emulator.limiter.takeWrites(call.bot.id, group.id, cost);
  call.note.cost = cost;
}
