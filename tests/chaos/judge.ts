import { POSSIBLE_REPEAT } from '../../activities/delivery/composeWrite.ts';
import { type ConversationKind, type MarkKind, marksIn } from './scenario.ts';

/** What is known of one conversation when all has settled. Lists are in the order of what they tell of. */
export interface Evidence {
  kind: ConversationKind;
  /** Texts and ids as the visitor sent them. */
  sent: readonly { text: string; clientMessageId: string }[];
  acknowledged: ReadonlySet<string>;
  /** What agents wrote in the topic. */
  agentTexts: readonly string[];
  /** Texts of the rows in Postgres. */
  recorded: readonly string[];
  /** Texts of the frames that came off the visitor's sockets, over all of them. */
  frames: readonly string[];
  /** Texts on the visitor's screen. */
  screen: readonly string[];
  /** Texts that bots wrote in the conversation's topic. */
  topic: readonly string[];
}

export interface Verdict {
  sent: number;
  acked: number;
  recorded: number;
  /** Acknowledged (or written by an agent), and missing in Postgres, on the visitor's screen, or in the topic. */
  lost: number;
  /** Recorded or shown more than once, or in the topic twice without the mark of a possible repeat. */
  duplicated: number;
  /** At another place than the sender's order gives it: in Postgres, on the socket, or in the topic. */
  outOfOrder: number;
  /** Messages that the flow had to answer and did not. */
  unanswered: number;
  /** Visitors' messages in their topic. */
  toTelegram: number;
  /** Messages that stand in a topic below the mark of a possible repeat. */
  telegramRepeatsMarked: number;
  /** What is wrong, in words. */
  problems: string[];
}

/** Judges a whole run. */
export function judge(conversations: readonly Evidence[]): Verdict {
  const verdicts = conversations.map(judgeConversation);
  const sum = (pick: (verdict: Verdict) => number) => verdicts.reduce((total, verdict) => total + pick(verdict), 0);
  return {
    sent: sum(({ sent }) => sent),
    acked: sum(({ acked }) => acked),
    recorded: sum(({ recorded }) => recorded),
    lost: sum(({ lost }) => lost),
    duplicated: sum(({ duplicated }) => duplicated),
    outOfOrder: sum(({ outOfOrder }) => outOfOrder),
    unanswered: sum(({ unanswered }) => unanswered),
    toTelegram: sum(({ toTelegram }) => toTelegram),
    telegramRepeatsMarked: sum(({ telegramRepeatsMarked }) => telegramRepeatsMarked),
    problems: verdicts.flatMap(({ problems }) => problems),
  };
}

function judgeConversation(evidence: Evidence): Verdict {
  const { sent, acknowledged, agentTexts, recorded, frames, screen, topic } = evidence;
  const problems: string[] = [];
  const note = (what: string, where: string, marks: readonly string[]): readonly string[] => {
    problems.push(...marks.map((mark) => `${mark} ${what}: ${where}`));
    return marks;
  };
  const isRepeat = (text: string) => text.startsWith(POSSIBLE_REPEAT);
  const first = topic.filter((text) => !isRepeat(text));
  const repeated = topic.filter(isRepeat);

  const marks = marksOf(
    sent.map(({ text }) => text),
    'm',
  );
  const acked = sent.filter(({ clientMessageId }) => acknowledged.has(clientMessageId));
  const due = marksOf(
    acked.map(({ text }) => text),
    'm',
  );
  const agents = marksOf(agentTexts, 'a');

  const lost = new Set([
    ...note(
      'is lost',
      'Postgres',
      missing([...due, ...agents], [...marksOf(recorded, 'm'), ...marksOf(recorded, 'a')]),
    ),
    ...note('is lost', 'screen', missing([...due, ...agents], [...marksOf(screen, 'm'), ...marksOf(screen, 'a')])),
    ...note('is lost', 'topic', missing(due, marksOf(topic, 'm'))),
  ]);
  const duplicated = new Set(
    (['m', 'r', 'a'] as const).flatMap((kind) => [
      ...note('is doubled', 'Postgres', repeats(marksOf(recorded, kind))),
      ...note('is doubled', 'socket', repeats(marksOf(frames, kind))),
      ...note('is doubled', 'screen', repeats(marksOf(screen, kind))),
      ...note('is doubled', 'topic', repeats(marksOf(first, kind))),
      ...note('is doubled', 'repeats in the topic', repeats(marksOf(repeated, kind))),
    ]),
  );
  const misplaced = new Set([
    ...(['m', 'a'] as const).flatMap((kind) => {
      const order = kind === 'm' ? marks : agents;
      return [
        ...note('is out of order', 'Postgres', outOfOrder(order, marksOf(recorded, kind))),
        ...note('is out of order', 'socket', outOfOrder(order, marksOf(frames, kind))),
        ...note('is out of order', 'screen', outOfOrder(order, marksOf(screen, kind))),
      ];
    }),
    ...note('is out of order', 'topic', outOfOrder(marks, [...new Set(marksOf(topic, 'm'))])),
  ]);
  const owed = evidence.kind === 'flow' ? due.map((mark) => mark.replace('m', 'r')) : [];

  return {
    sent: sent.length,
    acked: acked.length,
    recorded: new Set(marksOf(recorded, 'm')).size,
    lost: lost.size,
    duplicated: duplicated.size,
    outOfOrder: misplaced.size,
    unanswered: note('was not said', 'screen', missing(owed, marksOf(screen, 'r'))).length,
    toTelegram: new Set(marksOf(topic, 'm')).size,
    telegramRepeatsMarked: new Set(marksOf(repeated, 'm')).size,
    problems,
  };
}

function marksOf(texts: readonly string[], kind: MarkKind): string[] {
  return texts.flatMap((text) => marksIn(text, kind));
}

function missing(due: readonly string[], found: readonly string[]): string[] {
  const there = new Set(found);
  return due.filter((mark) => !there.has(mark));
}

/** Every occurrence after the first. */
function repeats(found: readonly string[]): string[] {
  return found.filter((mark, index) => found.indexOf(mark) !== index);
}

/** Marks that stand behind one that was sent after them. */
function outOfOrder(order: readonly string[], found: readonly string[]): string[] {
  const places = new Map(order.map((mark, place) => [mark, place]));
  let furthest = -1;
  return found.filter((mark) => {
    const place = places.get(mark) ?? -1;
    const behind = place < furthest;
    furthest = Math.max(furthest, place);
    return behind;
  });
}
