CREATE TABLE "group_notices" (
	"tenant_id" uuid NOT NULL,
	"key" text NOT NULL,
	"notice" jsonb NOT NULL,
	"state" text DEFAULT 'pending' NOT NULL,
	"last_error" text,
	"bot_id" text,
	"chat_id" text,
	"telegram_message_id" bigint,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "group_notices_tenant_id_key_pk" PRIMARY KEY("tenant_id","key"),
	CONSTRAINT "group_notices_state_check" CHECK ("group_notices"."state" in ('pending', 'sending', 'sent', 'unknown', 'mailed', 'failed'))
);
--> statement-breakpoint
ALTER TABLE "group_notices" ADD CONSTRAINT "group_notices_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE group_notices ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE group_notices FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
CREATE POLICY tenant ON group_notices
  USING (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid))
  WITH CHECK (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid));
--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE, DELETE ON group_notices TO parley_app;
--> statement-breakpoint
-- Two tenants in one group would read each other: whoever has it keeps it.
CREATE UNIQUE INDEX "channel_connections_group_key" ON "channel_connections" USING btree ("channel_id") WHERE "channel_connections"."type" = 'telegram' and "channel_connections"."status" = 'active';
