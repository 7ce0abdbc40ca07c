ALTER TABLE "outbox" DROP CONSTRAINT "outbox_kind_check";--> statement-breakpoint
ALTER TABLE "outbox" DROP CONSTRAINT "outbox_text_check";--> statement-breakpoint
ALTER TABLE "outbox" ADD CONSTRAINT "outbox_kind_check" CHECK ("outbox"."kind" in ('message', 'notice', 'rename', 'close_topic', 'reopen_topic', 'card', 'reaction', 'canned_menu'));--> statement-breakpoint
ALTER TABLE "outbox" ADD CONSTRAINT "outbox_text_check" CHECK (("outbox"."kind" in ('notice', 'rename', 'reaction', 'canned_menu')) = ("outbox"."text" is not null));--> statement-breakpoint
ALTER TABLE "messages" ADD COLUMN "edited" bytea;--> statement-breakpoint
ALTER TABLE "messages" ADD COLUMN "edited_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "messages" ADD CONSTRAINT "messages_edited_check" CHECK (("messages"."edited" is null) = ("messages"."edited_at" is null));
