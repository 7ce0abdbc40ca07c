CREATE TABLE "topic_deliveries" (
	"tenant_id" uuid NOT NULL,
	"conversation_id" uuid NOT NULL,
	"attempt_id" uuid,
	"lease_until" timestamp (3) with time zone,
	"title" text,
	"closed" boolean DEFAULT false NOT NULL,
	"lost" boolean DEFAULT false NOT NULL,
	CONSTRAINT "topic_deliveries_tenant_id_conversation_id_pk" PRIMARY KEY("tenant_id","conversation_id")
);
--> statement-breakpoint
ALTER TABLE "topic_deliveries" ADD CONSTRAINT "topic_deliveries_conversation_fkey" FOREIGN KEY ("tenant_id","conversation_id") REFERENCES "public"."conversations"("tenant_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "topic_deliveries" ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE "topic_deliveries" FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
CREATE POLICY tenant ON "topic_deliveries"
  USING (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid))
  WITH CHECK (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid));
--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE, DELETE ON "topic_deliveries" TO parley_app;
--> statement-breakpoint
-- Who polls must know whose bots there are, before a tenant is known; like the lookups of 0002 it returns nothing but ids.
CREATE FUNCTION list_telegram_connections() RETURNS TABLE (tenant_id uuid, connection_id uuid)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ''
  AS $$
    SELECT c.tenant_id, c.id FROM public.channel_connections c WHERE c.type = 'telegram' AND c.status = 'active'
  $$;
--> statement-breakpoint
REVOKE ALL ON FUNCTION list_telegram_connections() FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION list_telegram_connections() TO parley_app;
