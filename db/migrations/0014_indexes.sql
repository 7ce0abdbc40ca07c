-- Whoever wants to be forgotten is looked for on every site of the tenant: the site comes last.
ALTER TABLE "sessions" DROP CONSTRAINT "sessions_external_key", DROP CONSTRAINT "sessions_verified_key";
--> statement-breakpoint
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_external_key" UNIQUE("tenant_id","external_session_id","site_id");
--> statement-breakpoint
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_verified_key" UNIQUE("tenant_id","verified_user_id","site_id");
--> statement-breakpoint
-- An address that nobody knows the age of would never be forgotten.
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_ip_check" CHECK (("sessions"."ip" is null) = ("sessions"."ip_seen_at" is null));
--> statement-breakpoint
-- For deleting the longest closed first.
CREATE INDEX "conversations_closed_idx" ON "conversations" USING btree ("tenant_id","closed_at","id") WHERE "conversations"."closed_at" is not null;
--> statement-breakpoint
CREATE INDEX "portal_conversations_newest_idx" ON "portal_conversations" USING btree ("tenant_id","conversation_id");
