import type { Db } from '../createDb.ts';
import { queryAsTenant } from '../withTenant.ts';
import type { SealedTurn } from './sealTurn.ts';
import { storableJson } from './storableJson.ts';

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

interface RecordedRow {
  lastSeq: number;
  seqs: Record<string, number>;
  edited: Record<string, number>;
  webhooks: string[];
}

// All parts of the statement see the rows as they were before it: hence the conversation's lock, taken
// before, so that a repeat that runs at the same time sees what the first attempt committed. Messages are looked up one by one:
// a join would read the whole conversation each time.
const RECORD_TURN = `
WITH conversation_in AS (
  SELECT * FROM json_to_record($3::json -> 'conversation') AS c (
    turn int, "siteId" uuid, channel text, status text, owner text, "claimedBy" json, title text, "visitorName" text,
    source jsonb, "flowId" uuid, "flowVersion" int, "createdAt" float8, "updatedAt" float8, "closedAt" float8,
    "snoozedUntil" float8)
), open AS (
  SELECT NOT EXISTS (
    SELECT FROM conversations WHERE tenant_id = $1 AND id = $2 AND reset_turn >= (SELECT turn FROM conversation_in)) AS yes
), message_in AS (
  SELECT * FROM ROWS FROM (json_to_recordset($3::json -> 'messages') AS (
    id uuid, "clientMessageId" uuid, direction text, author json, content text, attachments json,
    "createdAt" float8)) WITH ORDINALITY
    AS m (id, client_message_id, direction, author, content, attachments, created_at, place)
  WHERE (SELECT yes FROM open)
), met AS (
  SELECT i.*,
    (SELECT seq FROM messages m WHERE m.tenant_id = $1 AND m.conversation_id = $2 AND m.id = i.id) AS seq,
    (SELECT seq FROM messages m WHERE m.tenant_id = $1 AND m.conversation_id = $2
      AND m.client_message_id = i.client_message_id) AS client_seq
  FROM message_in i
), known AS (
  SELECT id, seq FROM met WHERE seq IS NOT NULL
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
), attached AS (
  UPDATE files f SET message_id = m.id
  FROM met m, json_array_elements_text(m.attachments) AS a (file_id)
  WHERE (m.seq IS NOT NULL OR m.client_seq IS NULL) AND f.tenant_id = $1 AND f.conversation_id = $2
    AND f.id = a.file_id::uuid AND f.message_id IS NULL
), edited AS (
  UPDATE messages m SET edited = decode(e.content, 'base64'), edited_at = to_timestamp(e."editedAt" / 1000)
  FROM json_to_recordset($3::json -> 'edits') AS e ("messageId" uuid, "editedAt" float8, content text)
  WHERE (SELECT yes FROM open) AND m.tenant_id = $1 AND m.conversation_id = $2 AND m.id = e."messageId"
    AND m.author_kind = 'agent' AND coalesce(m.edited_at <= to_timestamp(e."editedAt" / 1000), true)
  RETURNING m.id, m.seq
), noted AS (
  INSERT INTO conversation_notes (tenant_id, conversation_id, id, agent_id, agent_name, text, created_at)
  SELECT $1, $2, id, agent ->> 'id', agent ->> 'name', decode(text, 'base64'), to_timestamp("createdAt" / 1000)
  FROM json_to_recordset($3::json -> 'notes') AS n (id uuid, agent json, text text, "createdAt" float8)
  WHERE (SELECT yes FROM open)
  ON CONFLICT DO NOTHING
), happened AS (
  INSERT INTO domain_events (tenant_id, conversation_id, id, name, data, occurred_at)
  SELECT $1, $2, id, name, data, to_timestamp("occurredAt" / 1000)
  FROM json_to_recordset($3::json -> 'events') AS e (id uuid, name text, data jsonb, "occurredAt" float8)
  WHERE (SELECT yes FROM open)
  ON CONFLICT DO NOTHING
  RETURNING id, name
), subscribed AS (
  INSERT INTO webhook_deliveries (tenant_id, endpoint_id, event_id, conversation_id, state)
  SELECT $1, w.id, happened.id, $2, CASE w.status WHEN 'active' THEN 'pending' ELSE 'failed' END
  FROM happened JOIN webhook_endpoints w ON w.tenant_id = $1 AND happened.name = ANY (w.events)
  RETURNING endpoint_id, state
), outbox_in AS (
  SELECT * FROM ROWS FROM (json_to_recordset($3::json -> 'outbox') AS (key text, priority int, effect json))
    WITH ORDINALITY AS o (key, priority, effect, place)
  WHERE (SELECT yes FROM open)
), earlier AS (
  SELECT id, seq FROM messages
  WHERE $4 AND (SELECT yes FROM open) AND tenant_id = $1 AND conversation_id = $2 AND id NOT IN (SELECT id FROM message_in)
), queued AS (
  INSERT INTO outbox (tenant_id, conversation_id, key, priority, kind, message_id, text, silent, target_message_id)
  SELECT $1, $2, key, priority, kind, message_id, text, silent, target_message_id FROM (
    SELECT 0 AS part, seq AS place, 'conv_msg_out_' || id AS key, (SELECT coalesce(min(priority), 0) FROM outbox_in) AS priority,
      'message' AS kind, id AS message_id, NULL::bytea AS text, true AS silent, NULL::bigint AS target_message_id
    FROM earlier
    UNION ALL
    SELECT 1, place, key, priority, effect ->> 'kind', (effect ->> 'messageId')::uuid,
      decode(effect ->> 'words', 'base64'), coalesce((effect ->> 'silent')::boolean, true),
      (effect ->> 'telegramMessageId')::bigint
    FROM outbox_in) AS item
  ORDER BY part, place
  ON CONFLICT DO NOTHING
)
SELECT conversation.last_seq AS "lastSeq", (
  SELECT coalesce(json_object_agg(id, seq), '{}')
  FROM (SELECT id, seq FROM added UNION ALL SELECT id, seq FROM known) AS numbered) AS seqs, (
  SELECT coalesce(json_object_agg(id, seq), '{}') FROM edited) AS edited,
  ARRAY (SELECT DISTINCT endpoint_id FROM subscribed WHERE state = 'pending') AS webhooks
FROM conversation`;

/**
 * Writes a turn: one transaction, one round trip. New messages get the next numbers, a repeat meets its own rows, and a turn
 * that is older than the stored one leaves the conversation's state alone. Of a turn from before the conversation was emptied
 * nothing is written. What is put in front (`backfillTopic`) shares the most urgent priority of what it precedes.
 */
export async function recordTurn(db: Db, input: SealedTurn): Promise<RecordedTurn> {
  const { tenantId, conversationId, conversation, messages, edits, notes, events, outbox, backfillTopic } = input;
  const turn = storableJson({ conversation, messages, edits, notes, events, outbox });
  const [row] = await queryAsTenant<RecordedRow>(
    db,
    tenantId,
    { name: 'record_turn', text: RECORD_TURN, values: [tenantId, conversationId, turn, backfillTopic] },
    { lock: conversationId },
  );
  if (!row) throw new Error('The turn was not recorded');
  const { lastSeq, seqs, edited, webhooks } = row;
  return { lastSeq, seqs: new Map(Object.entries(seqs)), edited: new Map(Object.entries(edited)), webhooks };
}
