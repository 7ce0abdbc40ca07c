import { helpText } from '../../channels/telegram/agentCommands.ts';
import type { TopicOrder } from '../../channels/telegram/parseCommand.ts';
import type { TopicCommand } from '../../contracts/conversation.ts';
import type { AgentsSettings } from '../../contracts/tenantSettings.ts';
import { tomorrowMorning } from './tomorrowMorning.ts';

/** The command that an order is where `settings` hold; `now` is epoch milliseconds. */
export function topicCommand(order: TopicOrder, settings: AgentsSettings, now: number): TopicCommand {
  switch (order.name) {
    case 'snooze':
      return { ...order, until: order.until === 'tomorrow' ? tomorrowMorning(now, settings.timeZone) : order.until };
    case 'canned':
      return cannedCommand(order.answer, settings);
    case 'help':
      return { name: 'tell', text: helpText() };
    case 'mistaken':
      return { name: 'tell', text: order.words };
    default:
      return order;
  }
}

function cannedCommand(answer: string | undefined, { cannedAnswers }: AgentsSettings): TopicCommand {
  if (cannedAnswers.length === 0) {
    return { name: 'tell', text: 'There are no prepared answers yet. An administrator adds them to the settings.' };
  }
  const names = cannedAnswers.map(({ name }) => name);
  if (answer === undefined) return { name: 'canned_menu', names };
  const found = cannedAnswers.find(({ name }) => name === answer);
  if (found) return { name: 'canned', text: found.text };
  return { name: 'tell', text: `There is no prepared answer of that name. There are: ${names.join(', ')}` };
}
