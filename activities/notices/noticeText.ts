import type { BotTrouble, DeskFigures, Notice } from '../../contracts/notices.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

const KEPT = 'What it cannot deliver is kept and follows once it is mended: the channel’s diagnosis says how.';

const TROUBLES: Record<BotTrouble, string> = {
  kicked: `was removed from this group. ${KEPT}`,
  rights_missing: `may not manage topics here any more. ${KEPT}`,
  not_administrator:
    'is no administrator of this group. In privacy mode it then hears commands and replies alone: what else you write in a topic does not reach the visitor. Make it an administrator again (the group’s name, Edit, Administrators), or switch privacy mode off (@BotFather, /setprivacy, Disable; then remove the bot and add it again).',
};

/** What the group reads; `now` is epoch milliseconds, `botName` what a bot that is spoken of is called, where that is known. */
export function noticeText(notice: Notice, now: number, botName?: string): string {
  switch (notice.kind) {
    case 'alert':
      return figureLines(notice, now).join('\n');
    case 'summary': {
      const { started, closed, rated, rating } = notice;
      const lines = figureLines(notice, now);
      const rest = lines.length > 0 ? lines : ['Nobody waits.'];
      const day = [`📊 The last 24 hours: ${conversations(started)} began, ${closed} closed.`];
      if (rated > 0 && rating !== null) {
        day.push(`⭐ ${rated === 1 ? '1 rating' : `${rated} ratings`}, ${rating.toFixed(1)} of 5 on average.`);
      }
      return [...day, ...rest].join('\n');
    }
    case 'trouble':
      return `⚠️ The bot ${botName ? `@${botName}` : notice.botId} ${TROUBLES[notice.trouble]}`;
    case 'misplaced_command':
      return '💡 A command belongs into the topic of a conversation: here nobody knows which one is meant. /help in a topic lists them.';
  }
}

function figureLines({ waiting, breached, parked }: DeskFigures, now: number): string[] {
  const lines: string[] = [];
  if (waiting.count > 0) {
    const since = waiting.oldest === null ? '' : `, the first for ${duration(now - waiting.oldest)}`;
    lines.push(`🔔 ${conversations(waiting.count)} wait${waiting.count === 1 ? 's' : ''} for a person${since}.`);
  }
  if (breached.count > 0) lines.push(`⏰ ${breached.count} of them got no answer in time (SLA).`);
  if (parked > 0) lines.push(`📦 In ${conversations(parked)} words could not be delivered here; they are kept.`);
  return lines;
}

function conversations(count: number): string {
  return count === 1 ? '1 conversation' : `${count} conversations`;
}

function duration(ms: number): string {
  if (ms < HOUR_MS) return `${Math.max(1, Math.floor(ms / MINUTE_MS))} min`;
  const hours = Math.floor(ms / HOUR_MS);
  return hours < 48 ? `${hours} h` : `${Math.floor(hours / 24)} days`;
}
