/** Some conversations: how many, and since when the first and the last of them. Times are epoch milliseconds. */
export interface Queue {
  count: number;
  oldest: number | null;
  newest: number | null;
}

/** What needs somebody. */
export interface DeskFigures {
  /** Handed over, and nobody has claimed them. */
  waiting: Queue;
  /** Those of them that nobody answered in time; since when they are late. */
  breached: Queue;
  /** Conversations whose words cannot be delivered until the channel is repaired. */
  parked: number;
}

/** What happened within 24 hours. `rating` is the average of what visitors gave, 1 to 5; null when nobody did. */
export interface DayFigures {
  started: number;
  closed: number;
  rated: number;
  rating: number | null;
}

/** What became of a bot in its group. */
export type BotTrouble = 'kicked' | 'rights_missing' | 'not_administrator';

/** What the General topic of a group is told. Counts and ids, never what a person wrote or is called. */
export type Notice =
  | ({ kind: 'alert' } & DeskFigures)
  /** With what began and ended in the 24 hours before. */
  | ({ kind: 'summary' } & DayFigures & DeskFigures)
  | { kind: 'trouble'; botId: string; trouble: BotTrouble }
  /** A command was written where no conversation is. */
  | { kind: 'misplaced_command' };

/** Ids of the tenants with something to tell their group, and where the next page begins. */
export interface NoticePage {
  tenantIds: string[];
  /** Null at the end. */
  after: string | null;
}

/** What the General topics are told, each minute. Arguments and results are ids. */
export interface NoticeActivities {
  /** Puts up what is due, for a page of the tenants behind `after`. */
  findNotices(input: { after: string | null }): Promise<NoticePage>;
  /** Tells the tenant's group what waits for it. Throws a retryable failure with nextRetryDelay while it is not its turn. */
  tellGroup(input: { tenantId: string }): Promise<void>;
}
