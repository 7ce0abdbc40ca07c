ALTER TABLE "outbox" DROP CONSTRAINT "outbox_kind_check";--> statement-breakpoint
ALTER TABLE "outbox" DROP CONSTRAINT "outbox_text_check";--> statement-breakpoint
DROP INDEX "outbox_state_idx";--> statement-breakpoint
ALTER TABLE "outbox" ADD COLUMN "target_message_id" bigint;--> statement-breakpoint
ALTER TABLE "topic_deliveries" ADD COLUMN "creating" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "topic_deliveries" ADD COLUMN "orphaned" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "topic_deliveries" ADD COLUMN "card_message_id" bigint;--> statement-breakpoint
ALTER TABLE "topic_deliveries" ADD COLUMN "card_pin_due" boolean DEFAULT false NOT NULL;--> statement-breakpoint
CREATE INDEX "outbox_ordinal_idx" ON "outbox" USING btree ("tenant_id","ordinal");--> statement-breakpoint
CREATE INDEX "outbox_state_idx" ON "outbox" USING btree ("tenant_id","state","ordinal");--> statement-breakpoint
ALTER TABLE "outbox" ADD CONSTRAINT "outbox_target_check" CHECK (("outbox"."kind" = 'reaction') = ("outbox"."target_message_id" is not null));--> statement-breakpoint
ALTER TABLE "outbox" ADD CONSTRAINT "outbox_kind_check" CHECK ("outbox"."kind" in ('message', 'notice', 'rename', 'close_topic', 'reopen_topic', 'card', 'reaction'));--> statement-breakpoint
ALTER TABLE "outbox" ADD CONSTRAINT "outbox_text_check" CHECK (("outbox"."kind" in ('notice', 'rename', 'reaction')) = ("outbox"."text" is not null));--> statement-breakpoint
-- What the bot says was the last to go out; now cards and reactions are.
UPDATE "outbox" SET "priority" = 2 WHERE "priority" > 2;
