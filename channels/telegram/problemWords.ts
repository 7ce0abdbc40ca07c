import type { Problem, ProblemCode } from '../../contracts/diagnosis.ts';

/** What the words of a problem may name. */
export interface ProblemContext {
  botId: string | null;
  /** `@name` of the bot, or what stands for it while Telegram does not tell. */
  bot: string;
  group: string;
  /** A fact that the code alone does not tell, e.g. the group's new id. */
  detail?: string;
}

type Words = Omit<Problem, 'code' | 'botId'>;

const openAdministrators = 'Open the group, press its name, the pencil (Edit), then Administrators';

const WORDS: Record<ProblemCode, (context: ProblemContext) => Words> = {
  channel_disabled: () => ({
    severity: 'blocking',
    problem: 'The connection is switched off: nothing is sent to the group, and nothing is read there.',
    remedy: 'Set its status to "active".',
  }),
  telegram_switched_off: () => ({
    severity: 'blocking',
    problem: 'The tenant has Telegram switched off in this environment.',
    remedy: 'Switch the flag "telegram" on in the tenant’s settings.',
  }),
  secrets_missing: () => ({
    severity: 'blocking',
    problem: 'No bot’s token is stored.',
    remedy: 'Connect the group again with the token that @BotFather shows.',
  }),
  telegram_unreachable: ({ detail }) => ({
    severity: 'blocking',
    problem: `Telegram did not answer${detail ? ` (${detail})` : ''}.`,
    remedy:
      'Check that this server reaches TELEGRAM_API_ROOT (https://api.telegram.org), then ask for the diagnosis again.',
  }),
  token_refused: ({ bot }) => ({
    severity: 'blocking',
    problem: `Telegram does not accept the token of ${bot}: it is mistyped, or was revoked.`,
    remedy:
      'In Telegram write /mybots to @BotFather, choose the bot, press API Token, and connect the group again with what it shows.',
  }),
  group_not_found: ({ bot, group }) => ({
    severity: 'blocking',
    problem: `${bot} knows no group ${group}: the id is wrong, or the bot was never in the group.`,
    remedy: `Open the group, press its name, then Add, search for ${bot} and add it. A forum's id begins with -100.`,
  }),
  bot_not_in_group: ({ bot, group }) => ({
    severity: 'blocking',
    problem: `${bot} is not in the group ${group} any more: somebody removed it, or it left.`,
    remedy: `Open the group, press its name, then Add, search for ${bot} and add it; then make it an administrator.`,
  }),
  group_upgraded: ({ group, detail }) => ({
    severity: 'blocking',
    problem: `The group ${group} was upgraded and has a new id${detail ? `: ${detail}` : ''}.`,
    remedy: 'Connect the group by its new id. A connection that was in use follows by itself with the next message.',
  }),
  not_a_group: ({ group, detail }) => ({
    severity: 'blocking',
    problem: `${group} is ${detail ? `a ${detail}` : 'something else'}, not a group.`,
    remedy: 'Make a group in Telegram, switch on Topics in it, and connect that one.',
  }),
  topics_off: ({ group }) => ({
    severity: 'blocking',
    problem: `Topics are off in the group ${group}: there is no place for conversations.`,
    remedy: 'Open the group, press its name, the pencil (Edit), then Topics, and switch them on.',
  }),
  bot_not_admin: ({ bot }) => ({
    severity: 'blocking',
    problem: `${bot} is in the group but is no administrator.`,
    remedy: `${openAdministrators}, Add Administrator, choose ${bot} and switch on Manage Topics, Pin Messages and Delete Messages.`,
  }),
  cannot_manage_topics: ({ bot }) => ({
    severity: 'blocking',
    problem: `${bot} may not manage topics: it can make none for a conversation.`,
    remedy: `${openAdministrators}, choose ${bot} and switch on Manage Topics.`,
  }),
  cannot_pin_messages: ({ bot }) => ({
    severity: 'limiting',
    problem: `${bot} may not pin messages: the card of a conversation does not stay at the top of its topic.`,
    remedy: `${openAdministrators}, choose ${bot} and switch on Pin Messages.`,
  }),
  cannot_delete_messages: ({ bot }) => ({
    severity: 'limiting',
    problem: `${bot} may not delete messages: topics of erased conversations stay in the group.`,
    remedy: `${openAdministrators}, choose ${bot} and switch on Delete Messages.`,
  }),
  // An administrator reads everything, in privacy mode too.
  privacy_mode_on: ({ bot, detail }) => ({
    severity: detail === 'deaf' ? 'blocking' : 'hint',
    problem:
      detail === 'deaf'
        ? `${bot} is in privacy mode and sees commands and replies alone: what else agents write goes to nobody.`
        : `${bot} is in privacy mode. It reads all as long as it is an administrator, and commands and replies alone after that.`,
    remedy:
      'In Telegram write /setprivacy to @BotFather, choose the bot and press Disable; then remove it from the group and add it again.',
  }),
  public_url_missing: () => ({
    severity: 'blocking',
    problem: 'Updates are to come by webhook, but nobody has said at which address Telegram finds this installation.',
    remedy: 'Set PUBLIC_URL to its https address, or TELEGRAM_MODE to polling, and restart.',
  }),
  webhook_missing: ({ bot }) => ({
    severity: 'blocking',
    problem: `${bot} has no webhook: what agents write does not arrive.`,
    remedy:
      'If it was connected only now, wait a minute: Telegram is told again until it hears. Else connect the group again, or, for BOT_TOKEN’s, restart the worker.',
  }),
  webhook_outdated: ({ bot }) => ({
    severity: 'blocking',
    problem: `The webhook of ${bot} leads to an earlier set-up of this installation: Telegram has not heard of the present one.`,
    remedy: 'Wait a minute: it is told again by itself until it hears. If this stays, connect the group again.',
  }),
  webhook_elsewhere: ({ bot, detail }) => ({
    severity: 'blocking',
    problem: `The webhook of ${bot} leads elsewhere${detail ? ` (${detail})` : ''}: another program uses the same bot.`,
    remedy:
      'Give each program a bot of its own (/newbot at @BotFather), or connect the group again to take the bot over.',
  }),
  webhook_deaf: ({ bot, detail }) => ({
    severity: 'limiting',
    problem: `Telegram keeps updates from ${bot} that are needed${detail ? `: ${detail}` : ''}.`,
    remedy: 'Connect the group again: it asks Telegram for all that is needed.',
  }),
  webhook_failing: ({ bot, detail }) => ({
    severity: 'limiting',
    problem: `Telegram could not deliver an update for ${bot}${detail ? `: ${detail}` : ''}. It tries again by itself.`,
    remedy:
      'Check that PUBLIC_URL is reachable from the internet, with a valid certificate and at port 443, 80, 88 or 8443.',
  }),
  webhook_in_the_way: ({ bot }) => ({
    severity: 'blocking',
    problem: `${bot} has a webhook, while updates are to be polled: Telegram gives them to the webhook alone.`,
    remedy: 'Connect the group again, or restart: polling removes the webhook when it begins.',
  }),
};

/** The problem in words for whoever set the channel up. */
export function describeProblem(code: ProblemCode, context: ProblemContext): Problem {
  return { code, botId: context.botId, ...WORDS[code](context) };
}
