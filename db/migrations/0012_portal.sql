ALTER TABLE "conversations" ADD COLUMN "reset_turn" integer DEFAULT 0 NOT NULL;
--> statement-breakpoint
ALTER TABLE "domain_events" DROP CONSTRAINT "domain_events_name_check";
--> statement-breakpoint
ALTER TABLE "domain_events" ADD CONSTRAINT "domain_events_name_check" CHECK ("domain_events"."name" in ('conversation.started', 'message.added', 'conversation.claimed', 'conversation.handed_over', 'conversation.sla_breached', 'conversation.closed', 'conversation.reopened', 'conversation.renamed', 'conversation.reset'));
--> statement-breakpoint
-- Unique in the installation: a conversation's id leads to its tenant before a tenant is known, as the look-ups of 0005 do.
ALTER TABLE "portal_conversations" DROP CONSTRAINT "portal_conversations_conversation_key";
--> statement-breakpoint
ALTER TABLE "portal_conversations" ADD CONSTRAINT "portal_conversations_conversation_key" UNIQUE("conversation_id");
--> statement-breakpoint
CREATE POLICY lookup ON portal_conversations FOR SELECT TO CURRENT_USER USING (true);
--> statement-breakpoint
CREATE FUNCTION find_portal_conversation(conversation uuid) RETURNS TABLE (tenant_id uuid)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ''
  AS $$ SELECT p.tenant_id FROM public.portal_conversations p WHERE p.conversation_id = conversation $$;
--> statement-breakpoint
REVOKE ALL ON FUNCTION find_portal_conversation(uuid) FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION find_portal_conversation(uuid) TO parley_app;
