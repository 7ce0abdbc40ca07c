import { limitSettings } from '../floodLimiter.ts';
import type { UpdateKind } from '../state/telegramTypes.ts';
import { enqueueUpdate } from '../updates/enqueueUpdates.ts';
import type { ControlParts } from './controlParts.ts';
import { botOf, ControlError } from './defaults.ts';
import type { EmulatorControl } from './emulatorControl.ts';

type FaultControl = Pick<
  EmulatorControl,
  'repeatUpdate' | 'queueUpdate' | 'injectFault' | 'listFaults' | 'clearFaults' | 'setLimits'
>;

/** What makes the emulator misbehave, or limit as Telegram does. */
export function createFaultControl(parts: ControlParts): FaultControl {
  const { store, faults, limiter } = parts;
  return {
    async repeatUpdate({ times = 1, ...wanted }) {
      const found = parts.recentUpdates.find(wanted);
      if (found.length === 0) throw new ControlError('no such update');
      const repeated = found.flatMap((update) => Array.from({ length: times }, () => update));
      const polled = repeated.filter(({ botId }) => !store.get('bot', botId)?.webhook);
      parts.longPoll.repeat(polled);
      const statuses = await Promise.all(
        [...store.all('bot')]
          .filter((bot) => bot.webhook)
          .map((bot) =>
            parts.webhooks.repeat(
              bot,
              repeated.filter(({ botId }) => botId === bot.id),
            ),
          ),
      );
      return { statuses: statuses.flat() };
    },
    async queueUpdate({ botId, body }) {
      const kind = Object.keys(body)[0] as UpdateKind | undefined;
      if (!kind) throw new ControlError('an update says something');
      enqueueUpdate(store, botOf(store, botId), kind, 'queued', body);
    },
    injectFault: async (input) => faults.add(input),
    listFaults: async () => faults.list(),
    clearFaults: async () => faults.clear(),
    async setLimits({ limits }) {
      limiter.settings = limitSettings(limits);
      return limiter.settings;
    },
  };
}
