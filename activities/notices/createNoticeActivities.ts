import type { BaseLogger } from 'pino';
import type { TelegramDirectory } from '../../channels/telegram/createTelegramDirectory.ts';
import type { TelegramSlots } from '../../channels/telegram/slots/slots.ts';
import type { NoticeActivities } from '../../contracts/notices.ts';
import type { Environment } from '../../contracts/tenantSettings.ts';
import type { Db } from '../../db/createDb.ts';
import { listTelegramTenants } from '../../db/queries/listTelegramTenants.ts';
import { listAdministrators } from '../../db/queries/members/listAdministrators.ts';
import { abandonNotices, settleNotice } from '../../db/queries/notices/changeNotice.ts';
import { countOfDay } from '../../db/queries/notices/countOfDay.ts';
import { findLastAlert, type GroupNotice, listPendingNotices } from '../../db/queries/notices/findNotices.ts';
import { putNotice } from '../../db/queries/notices/putNotice.ts';
import { readDeskFigures } from '../../db/queries/notices/readDeskFigures.ts';
import { wasMailed } from '../../db/queries/notices/wasMailed.ts';
import { getTenantProfile } from '../../db/queries/settings/getTenantProfile.ts';
import { isAlertDue, type LastAlert, summaryKey, WAIT_BEFORE_ALERT_MS } from './dueNotices.ts';
import { noticeText } from './noticeText.ts';
import { namedIn, tellNotice } from './tellNotice.ts';

export interface NoticeDependencies {
  db: Db;
  slots: TelegramSlots;
  telegram: TelegramDirectory;
  /** Whose settings of the tenants hold here. */
  environment: Environment;
  /** Reaches administrators when no bot can say anything; without one the log has to do. */
  mailer?: { send(mail: { to: string; subject: string; text: string }): Promise<void> } | undefined;
  logger: Pick<BaseLogger, 'warn' | 'error'>;
}

/** Tenants of one call: some milliseconds each. */
const PAGE = 100;

const MAIL_EVERY_HOURS = 24;

/** An attempt that has not settled what it began by then is dead. */
const LEFT_MS = 60_000;

/** Tells the General topics of groups who waits, what is parked, what became of a bot, and how the day was. */
export function createNoticeActivities(dependencies: NoticeDependencies): NoticeActivities {
  const { db, telegram, environment, mailer, logger } = dependencies;

  /** True when there is something to tell. */
  async function putUp(tenantId: string): Promise<boolean> {
    const profile = await getTenantProfile(db, tenantId, environment);
    if (!profile?.flags.telegram) return false;
    const { alerts, dailySummary, summaryHour } = profile.settings.notices;
    const key = summaryKey(Date.now(), { hour: summaryHour, timeZone: profile.settings.agents.timeZone });
    if (alerts) await putAlert(tenantId);
    if (dailySummary && key) await putSummary(tenantId, key);
    return (await listPendingNotices(db, tenantId)).length > 0;
  }

  async function putAlert(tenantId: string): Promise<void> {
    const figures = await readDeskFigures(db, tenantId, { waitedMs: WAIT_BEFORE_ALERT_MS });
    const last = await findLastAlert(db, tenantId);
    const waits = last?.state === 'pending';
    if (!waits && !isAlertDue(figures, toLastAlert(last), Date.now())) return;
    const key = waits ? last.key : `alert/${new Date().toISOString()}`;
    await putNotice(db, tenantId, key, { kind: 'alert', ...figures });
  }

  async function putSummary(tenantId: string, key: string): Promise<void> {
    const figures = await readDeskFigures(db, tenantId, { waitedMs: 0 });
    await putNotice(db, tenantId, key, { kind: 'summary', ...figures, ...(await countOfDay(db, tenantId)) });
  }

  /** By whatever else works: a bot that was removed cannot tell of it. One that only rests tells later what nobody else does. */
  async function tellAdministrators(notice: GroupNotice, reason: string): Promise<void> {
    const isMailed = await mail(notice, reason);
    const waits = !isMailed && reason === 'throttled';
    const fields = { tenant_id: notice.tenantId, notice: notice.key, reason };
    logger[waits ? 'warn' : 'error'](fields, 'no bot can tell the group');
    if (!waits) await settleNotice(db, notice, { state: isMailed ? 'mailed' : 'failed', lastError: reason });
  }

  /** Whether somebody was reached. */
  async function mail(notice: GroupNotice, reason: string): Promise<boolean> {
    const { tenantId } = notice;
    if (!mailer || !(await isWorthAMail(notice))) return false;
    const words = {
      subject: 'Parley cannot write to your Telegram group',
      text: `${noticeText(notice.notice, Date.now(), await namedIn(telegram, notice))}\n\nTelegram refuses every bot of the group (${reason}). Ask for the channel's diagnosis: GET /v1/admin/channels/<id>/diagnosis`,
    };
    const sent = await Promise.allSettled(
      (await listAdministrators(db, tenantId)).map((to) => mailer.send({ to, ...words })),
    );
    return sent.some(({ status }) => status === 'fulfilled');
  }

  /** What somebody has to mend; while it is not, a mail a day will do. */
  async function isWorthAMail({ tenantId, notice }: GroupNotice): Promise<boolean> {
    if (notice.kind === 'trouble') return true;
    if (notice.kind !== 'alert' || notice.parked === 0) return false;
    return !(await wasMailed(db, tenantId, { hours: MAIL_EVERY_HOURS }));
  }

  return {
    async findNotices({ after }) {
      const tenants = (await listTelegramTenants(db)).toSorted().filter((id) => after === null || id > after);
      const page = tenants.slice(0, PAGE);
      const tenantIds: string[] = [];
      for (const tenantId of page) {
        // One bad tenant must not keep the others from hearing.
        const waits = await putUp(tenantId).catch((err: unknown) => {
          logger.warn({ tenant_id: tenantId, err }, 'nobody can say what a group is to be told');
          return false;
        });
        if (waits) tenantIds.push(tenantId);
      }
      return { tenantIds, after: tenants.length > PAGE ? (page.at(-1) ?? null) : null };
    },

    async tellGroup({ tenantId }) {
      await abandonNotices(db, tenantId, LEFT_MS);
      const [connection] = await telegram.connectionsOf(tenantId);
      for (const notice of await listPendingNotices(db, tenantId)) {
        const reason = connection ? await tellNotice(dependencies, connection, notice) : 'no_channel';
        if (reason !== undefined) await tellAdministrators(notice, reason);
      }
    },
  };
}

function toLastAlert(last: GroupNotice | undefined): LastAlert | undefined {
  return last?.notice.kind === 'alert' ? { ...last.notice, at: last.createdAt.getTime() } : undefined;
}
