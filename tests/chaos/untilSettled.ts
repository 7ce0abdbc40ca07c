import { setTimeout as sleep } from 'node:timers/promises';
import type { Records } from './records.ts';
import { kindOf } from './scenario.ts';
import type { Visitor } from './visitor.ts';

const DEADLINE_MS = 5 * 60_000;
const POLL_MS = 500;
/** Nothing may move for so long; a late publication would come within it. */
const QUIET_MS = 3_000;

interface Parts {
  visitors: readonly Visitor[];
  records: Records;
  /** Settles when agents have written all that they will write. */
  answering: Promise<unknown>;
}

/** Waits until every queue is empty, every delivery made and every answer given. False when that does not come. */
export async function untilSettled({ visitors, records, answering }: Parts, say: (line: string) => void) {
  const questioned = visitors.filter((_, number) => kindOf(number) === 'ai');
  let agentsAreDone = false;
  let agentsFailed: Error | undefined;
  answering.then(
    () => {
      agentsAreDone = true;
    },
    (error: unknown) => {
      agentsFailed = error instanceof Error ? error : new Error(String(error));
    },
  );

  async function openEnds(): Promise<string[]> {
    const lastSeqs = await records.lastSeqs();
    const waiting = visitors.filter((visitor) => !visitor.settled).length;
    const behind = visitors.filter(
      (visitor) => (visitor.screen.at(-1)?.seq ?? 0) < (lastSeqs.get(visitor.conversationId) ?? 0),
    ).length;
    const { stuck: deliveries, stuckAs } = await records.ledger();
    const answers = await records.owedAnswers(questioned.map(({ conversationId }) => conversationId));
    return [
      waiting > 0 ? `${waiting} visitors with messages on the way` : '',
      behind > 0 ? `${behind} visitors who have not seen all` : '',
      deliveries > 0 ? `${deliveries} deliveries to topics (${[...new Set(stuckAs)].join(', ')})` : '',
      answers > 0 ? `${answers} answers of the AI` : '',
      agentsAreDone ? '' : 'agents who write',
    ].filter(Boolean);
  }

  const deadline = Date.now() + DEADLINE_MS;
  let quietSince: number | undefined;
  let told = Date.now();
  while (Date.now() < deadline) {
    if (agentsFailed) throw agentsFailed;
    const open = await openEnds().catch(() => ['the database']);
    quietSince = open.length > 0 ? undefined : (quietSince ?? Date.now());
    if (quietSince !== undefined && Date.now() - quietSince >= QUIET_MS) return true;
    if (open.length > 0 && Date.now() - told >= 10_000) {
      told = Date.now();
      say(`open: ${open.join(', ')}`);
    }
    await sleep(POLL_MS);
  }
  return false;
}
