import type { QueryConfig } from 'pg';
import type { SealedTurn } from './sealTurn.ts';
import { storableJson } from './storableJson.ts';

/** A statement that Postgres plans once a connection, by its name. */
type Prepared = QueryConfig & { name: string };

/** One row of `record_turn`: what the conversation's messages are numbered up to, and the turn's own numbers by id. */
export interface SaidRow {
  lastSeq: number;
  seqs: Record<string, number>;
}

/** A row of `record_edits` for each message that was changed. */
export interface EditedRow {
  id: string;
  seq: number;
}

/** A row of `record_events` for each endpoint that has something to get. */
export interface WebhookRow {
  endpointId: string;
}

// All parts of a statement see the rows as they were before it: hence the conversation's lock, taken before, so that a repeat
// that runs at the same time sees what the first attempt committed. Messages are looked up one by one: a join would read
// the whole conversation each time.
const SAID = `
WITH conversation_in AS (
  SELECT * FROM json_to_record($3::json) AS c (
    turn int, "siteId" uuid, channel text, status text, owner text, "claimedBy" json, title text, "visitorName" text,
    source jsonb, "flowId" uuid, "flowVersion" int, "createdAt" float8, "updatedAt" float8, "closedAt" float8,
    "snoozedUntil" float8)
), message_in AS (
  SELECT * FROM ROWS FROM (json_to_recordset($4::json) AS (
    id uuid, "clientMessageId" uuid, direction text, author json, content text, "createdAt" float8)) WITH ORDINALITY
    AS m (id, client_message_id, direction, author, content, created_at, place)
  WHERE NOT EXISTS (
    SELECT FROM conversations WHERE tenant_id = $1 AND id = $2 AND reset_turn >= (SELECT turn FROM conversation_in))
), met AS (
  SELECT i.*,
    (SELECT seq FROM messages m WHERE m.tenant_id = $1 AND m.conversation_id = $2 AND m.id = i.id) AS seq,
    (SELECT seq FROM messages m WHERE m.tenant_id = $1 AND m.conversation_id = $2
      AND m.client_message_id = i.client_message_id) AS client_seq
  FROM message_in i
), fresh AS (
  SELECT *, row_number() OVER (ORDER BY place) AS rank FROM met WHERE seq IS NULL AND client_seq IS NULL
), conversation AS (
  INSERT INTO conversations AS stored (
    tenant_id, id, turn, site_id, channel, status, owner, claimed_by_id, claimed_by_name, title, visitor_name, source,
    flow_id, flow_version, created_at, updated_at, closed_at, snoozed_until, last_seq)
  SELECT $1, $2, turn, "siteId", channel, status, owner, "claimedBy" ->> 'id', "claimedBy" ->> 'name', title,
    "visitorName", source, "flowId", "flowVersion", to_timestamp("createdAt" / 1000), to_timestamp("updatedAt" / 1000),
    to_timestamp("closedAt" / 1000), to_timestamp("snoozedUntil" / 1000), (SELECT count(*) FROM fresh)
  FROM conversation_in
  ON CONFLICT (tenant_id, id) DO UPDATE SET
    last_seq = stored.last_seq + excluded.last_seq,
    (turn, status, owner, claimed_by_id, claimed_by_name, title, visitor_name, flow_id, flow_version, updated_at, closed_at,
      snoozed_until) = (
      SELECT turn, status, owner, claimed_by_id, claimed_by_name, title, visitor_name, flow_id, flow_version, updated_at,
        closed_at, snoozed_until
      FROM (SELECT excluded.* UNION ALL SELECT stored.*) AS version ORDER BY version.turn DESC LIMIT 1)
  RETURNING last_seq
), added AS (
  INSERT INTO messages (
    tenant_id, conversation_id, id, seq, client_message_id, direction, author_kind, author_name, content, created_at)
  SELECT $1, $2, id, rank + (SELECT last_seq FROM conversation) - (SELECT count(*) FROM fresh),
    client_message_id, direction, author ->> 'kind', author ->> 'name', decode(content, 'base64'),
    to_timestamp(created_at / 1000)
  FROM fresh
  RETURNING id, seq
)
SELECT conversation.last_seq AS "lastSeq", (
  SELECT coalesce(json_object_agg(id, seq), '{}')
  FROM (SELECT id, seq FROM added UNION ALL SELECT id, seq FROM met WHERE seq IS NOT NULL) AS numbered) AS seqs
FROM conversation`;

/** False for a turn ($3) from before the conversation was emptied. The conversation's row is there: it was written just before. */
const OPEN = '(SELECT reset_turn < $3 FROM conversations WHERE tenant_id = $1 AND id = $2)';

// OFFSET 0 keeps the planner from joining with all of the conversation's messages.
const FILES = `
UPDATE files f SET message_id = m.id
FROM unnest($3::uuid[], $4::uuid[]) AS a (message_id, file_id), LATERAL (
  SELECT id FROM messages WHERE tenant_id = $1 AND conversation_id = $2 AND id = a.message_id OFFSET 0) AS m
WHERE f.tenant_id = $1 AND f.conversation_id = $2 AND f.id = a.file_id AND f.message_id IS NULL`;

const EDITS = `
UPDATE messages m SET edited = decode(e.content, 'base64'), edited_at = to_timestamp(e."editedAt" / 1000)
FROM json_to_recordset($4::json) AS e ("messageId" uuid, "editedAt" float8, content text)
WHERE ${OPEN} AND m.tenant_id = $1 AND m.conversation_id = $2 AND m.id = e."messageId"
  AND m.author_kind = 'agent' AND coalesce(m.edited_at <= to_timestamp(e."editedAt" / 1000), true)
RETURNING m.id, m.seq`;

const NOTES = `
INSERT INTO conversation_notes (tenant_id, conversation_id, id, agent_id, agent_name, text, created_at)
SELECT $1, $2, id, agent ->> 'id', agent ->> 'name', decode(text, 'base64'), to_timestamp("createdAt" / 1000)
FROM json_to_recordset($4::json) AS n (id uuid, agent json, text text, "createdAt" float8)
WHERE ${OPEN}
ON CONFLICT DO NOTHING`;

const EVENTS = `
WITH happened AS (
  INSERT INTO domain_events (tenant_id, conversation_id, id, name, data, occurred_at)
  SELECT $1, $2, id, name, data, to_timestamp("occurredAt" / 1000)
  FROM json_to_recordset($4::json) AS e (id uuid, name text, data jsonb, "occurredAt" float8)
  WHERE ${OPEN}
  ON CONFLICT DO NOTHING
  RETURNING id, name
), subscribed AS (
  INSERT INTO webhook_deliveries (tenant_id, endpoint_id, event_id, conversation_id, state)
  SELECT $1, w.id, happened.id, $2, CASE w.status WHEN 'active' THEN 'pending' ELSE 'failed' END
  FROM happened JOIN webhook_endpoints w ON w.tenant_id = $1 AND happened.name = ANY (w.events)
  RETURNING endpoint_id, state
)
SELECT DISTINCT endpoint_id AS "endpointId" FROM subscribed WHERE state = 'pending'`;

/** All that was said before this turn ($4: its own messages), in front of what the turn itself queues. */
const BACKFILL = `
INSERT INTO outbox (tenant_id, conversation_id, key, priority, kind, message_id, silent)
SELECT $1, $2, 'conv_msg_out_' || id, $5, 'message', id, true
FROM messages
WHERE ${OPEN} AND tenant_id = $1 AND conversation_id = $2 AND id <> ALL ($4::uuid[])
ORDER BY seq
ON CONFLICT DO NOTHING`;

const OUTBOX = `
INSERT INTO outbox (tenant_id, conversation_id, key, priority, kind, message_id, text, silent, target_message_id)
SELECT $1, $2, key, priority, effect ->> 'kind', (effect ->> 'messageId')::uuid, decode(effect ->> 'words', 'base64'),
  coalesce((effect ->> 'silent')::boolean, true), (effect ->> 'telegramMessageId')::bigint
FROM ROWS FROM (json_to_recordset($4::json) AS (key text, priority int, effect json)) WITH ORDINALITY
  AS o (key, priority, effect, place)
WHERE ${OPEN}
ORDER BY place
ON CONFLICT DO NOTHING`;

/**
 * The statements of a turn's transaction, in their order: most turns have no files, edits, notes or backfill, and what is not
 * sent costs nothing. `record_turn` comes first, and gives the one row that the others look at.
 */
export function turnStatements(turn: SealedTurn): Prepared[] {
  const { tenantId, conversationId, conversation, messages, edits, notes, events, outbox, backfillTopic } = turn;
  const ref = [tenantId, conversationId];
  const statements: Prepared[] = [
    { name: 'record_turn', text: SAID, values: [...ref, storableJson(conversation), storableJson(messages)] },
  ];
  const files = messages.flatMap(({ id, attachments = [] }) => attachments.map((fileId) => ({ id, fileId })));
  if (files.length > 0) {
    const values = [...ref, files.map(({ id }) => id), files.map(({ fileId }) => fileId)];
    statements.push({ name: 'record_files', text: FILES, values });
  }
  const add = (name: string, text: string, list: readonly unknown[]) => {
    if (list.length > 0) statements.push({ name, text, values: [...ref, conversation.turn, storableJson(list)] });
  };
  add('record_edits', EDITS, edits);
  add('record_notes', NOTES, notes);
  add('record_events', EVENTS, events);
  if (backfillTopic) {
    const priority = outbox.reduce<number>((most, item) => Math.min(most, item.priority), outbox[0]?.priority ?? 0);
    const values = [...ref, conversation.turn, messages.map(({ id }) => id), priority];
    statements.push({ name: 'record_backfill', text: BACKFILL, values });
  }
  add('record_outbox', OUTBOX, outbox);
  return statements;
}
