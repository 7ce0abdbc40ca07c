import type { DeadlineName } from '../../contracts/conversation.ts';
import { close, endSnooze } from './lifecycle.ts';
import { advanceFlow } from './routing.ts';
import { addEvent, addTopicEffect, type Context, say } from './turn.ts';

/** A deadline's timer has fired. One that was moved or lifted meanwhile (another cause) is over and does nothing. */
export function onDeadline(context: Context, name: DeadlineName, cause: string): void {
  const { input, state, turn } = context;
  if (state.deadlines[name]?.cause !== cause) return;
  delete state.deadlines[name];
  const { copy } = input.setup.settings;
  const id = `${cause}/${name}`;
  switch (name) {
    case 'flowWait':
      return advanceFlow(context, id, { kind: 'waitElapsed' });
    case 'idleReminder':
      return say(context, id, { text: copy.idleReminder });
    case 'idleClose':
      return close(context, id, 'idle', copy.idleClosed);
    case 'firstResponseSla':
      addEvent(context, 'conversation.sla_breached', id, { deadline: name });
      return addTopicEffect(context, id, { kind: 'notice', text: 'Nobody has answered in time (SLA)', silent: false });
    case 'snooze':
      return endSnooze(context, id, 'The snooze is over');
    case 'retention':
      turn.purge = true;
      return;
  }
}
