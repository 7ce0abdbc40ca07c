-- To a planner without statistics all three keys looked as good for finding one message by its id, and it took one that gives
-- the whole conversation. It asks a partial index only for what has a client's id, and of equals it takes the youngest.
ALTER TABLE "messages" DROP CONSTRAINT "messages_client_key";
--> statement-breakpoint
ALTER TABLE "messages" DROP CONSTRAINT "messages_tenant_id_conversation_id_id_pk";
--> statement-breakpoint
ALTER TABLE "messages" ADD CONSTRAINT "messages_tenant_id_conversation_id_id_pk" PRIMARY KEY("tenant_id","conversation_id","id");
--> statement-breakpoint
CREATE UNIQUE INDEX "messages_client_key" ON "messages" USING btree ("tenant_id","conversation_id","client_message_id") WHERE "messages"."client_message_id" is not null;
