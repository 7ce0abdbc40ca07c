import type { Db } from '../createDb.ts';
import { pipelineAsTenant } from '../withTenant.ts';
import type { SealedTurn } from './sealTurn.ts';
import { type EditedRow, type SaidRow, turnStatements, type WebhookRow } from './turnStatements.ts';

/**
 * What the database made of a turn: `seqs` numbers every message of it by id, those that were there already included, and
 * `webhooks` are the endpoints that have something to get.
 */
export interface RecordedTurn {
  lastSeq: number;
  seqs: ReadonlyMap<string, number>;
  webhooks: readonly string[];
  /** Numbers of the messages that were changed, by id: those that there are, and that were not changed later. */
  edited: ReadonlyMap<string, number>;
}

/**
 * Writes a turn: one transaction, one round trip. New messages get the next numbers, a repeat meets its own rows, and a turn
 * that is older than the stored one leaves the conversation's state alone. Of a turn from before the conversation was emptied
 * nothing is written. What is put in front (`backfillTopic`) shares the most urgent priority of what it precedes.
 */
export async function recordTurn(db: Db, turn: SealedTurn): Promise<RecordedTurn> {
  const { tenantId, conversationId } = turn;
  const statements = turnStatements(turn);
  const results = await pipelineAsTenant(db, tenantId, statements, { lock: conversationId });
  const rowsOf = <Row>(name: string) =>
    (results[statements.findIndex((statement) => statement.name === name)] ?? []) as Row[];
  const [said] = rowsOf<SaidRow>('record_turn');
  if (!said) throw new Error('The turn was not recorded');
  return {
    lastSeq: said.lastSeq,
    seqs: new Map(Object.entries(said.seqs)),
    webhooks: rowsOf<WebhookRow>('record_events').map(({ endpointId }) => endpointId),
    edited: new Map(rowsOf<EditedRow>('record_edits').map(({ id, seq }) => [id, seq])),
  };
}
