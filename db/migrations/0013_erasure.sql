CREATE TABLE "erased_conversations" (
	"tenant_id" uuid NOT NULL,
	"erasure_id" uuid NOT NULL,
	"conversation_id" uuid NOT NULL,
	"rows" jsonb,
	"topic" text,
	"workflow_runs" integer,
	"erased_at" timestamp (3) with time zone,
	CONSTRAINT "erased_conversations_tenant_id_erasure_id_conversation_id_pk" PRIMARY KEY("tenant_id","erasure_id","conversation_id")
);
--> statement-breakpoint
ALTER TABLE "erased_conversations" ADD CONSTRAINT "erased_conversations_erasure_fkey" FOREIGN KEY ("tenant_id","erasure_id") REFERENCES "public"."erasures"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "erased_conversations_conversation_idx" ON "erased_conversations" USING btree ("tenant_id","conversation_id");
--> statement-breakpoint
ALTER TABLE erased_conversations ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE erased_conversations FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
CREATE POLICY tenant ON erased_conversations
  USING (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid))
  WITH CHECK (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid));
--> statement-breakpoint
-- Receipts stay: the application may add to them, never remove one.
GRANT SELECT, INSERT, UPDATE ON erased_conversations TO parley_app;
--> statement-breakpoint
-- A worker that was paused may come with a turn after the conversation was erased: nothing that it writes may stay. Every
-- turn begins with the conversation's row, under the conversation's lock, so it sees what the erasure has committed.
CREATE FUNCTION refuse_erased_conversation() RETURNS trigger
  LANGUAGE plpgsql SET search_path = ''
  AS $$
BEGIN
  IF EXISTS (
    SELECT FROM public.erased_conversations e WHERE e.tenant_id = NEW.tenant_id AND e.conversation_id = NEW.id
  ) THEN
    RAISE EXCEPTION USING ERRCODE = 'PE001', MESSAGE = 'The conversation is erased', CONSTRAINT = 'conversations_erased';
  END IF;
  RETURN NEW;
END
$$;
--> statement-breakpoint
CREATE TRIGGER conversations_erased BEFORE INSERT ON conversations
  FOR EACH ROW EXECUTE FUNCTION refuse_erased_conversation();
