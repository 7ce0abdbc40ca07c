CREATE TABLE "webhook_attempts" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"endpoint_id" uuid NOT NULL,
	"event_id" uuid NOT NULL,
	"event" text NOT NULL,
	"conversation_id" uuid,
	"status" integer,
	"duration_ms" integer NOT NULL,
	"error" text,
	"answer" text,
	"attempted_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "webhook_attempts_tenant_id_id_pk" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "webhook_attempts_event_check" CHECK ("webhook_attempts"."event" in ('conversation.started', 'message.added', 'conversation.claimed', 'conversation.handed_over', 'conversation.sla_breached', 'conversation.closed', 'conversation.rated')),
	CONSTRAINT "webhook_attempts_error_check" CHECK ("webhook_attempts"."error" in ('address_refused', 'dns_failed', 'connection_failed', 'tls_failed', 'timeout', 'redirected', 'refused', 'throttled', 'gone', 'server_error'))
);
--> statement-breakpoint
CREATE TABLE "webhook_deliveries" (
	"tenant_id" uuid NOT NULL,
	"endpoint_id" uuid NOT NULL,
	"event_id" uuid NOT NULL,
	"conversation_id" uuid NOT NULL,
	"state" text DEFAULT 'pending' NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"next_attempt_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp (3) with time zone DEFAULT now() + interval '3 days' NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "webhook_deliveries_tenant_id_endpoint_id_event_id_pk" PRIMARY KEY("tenant_id","endpoint_id","event_id"),
	CONSTRAINT "webhook_deliveries_state_check" CHECK ("webhook_deliveries"."state" in ('pending', 'delivered', 'failed'))
);
--> statement-breakpoint
CREATE TABLE "webhook_endpoints" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"url" text NOT NULL,
	"description" text DEFAULT '' NOT NULL,
	"events" text[] NOT NULL,
	"include_text" boolean DEFAULT false NOT NULL,
	"secret" "bytea" NOT NULL,
	"previous_secret" "bytea",
	"previous_secret_until" timestamp (3) with time zone,
	"status" text DEFAULT 'active' NOT NULL,
	"disabled_reason" text,
	"notice_due" boolean DEFAULT false NOT NULL,
	"failing_since" timestamp (3) with time zone,
	"failures" integer DEFAULT 0 NOT NULL,
	"hold_until" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "webhook_endpoints_tenant_id_id_pk" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "webhook_endpoints_status_check" CHECK ("webhook_endpoints"."status" in ('active', 'disabled')),
	CONSTRAINT "webhook_endpoints_reason_check" CHECK ("webhook_endpoints"."disabled_reason" in ('failing', 'gone')),
	CONSTRAINT "webhook_endpoints_disabled_check" CHECK ("webhook_endpoints"."disabled_reason" is null or "webhook_endpoints"."status" = 'disabled')
);
--> statement-breakpoint
ALTER TABLE "domain_events" DROP CONSTRAINT "domain_events_name_check";
--> statement-breakpoint
ALTER TABLE "webhook_attempts" ADD CONSTRAINT "webhook_attempts_endpoint_fkey" FOREIGN KEY ("tenant_id","endpoint_id") REFERENCES "public"."webhook_endpoints"("tenant_id","id") ON DELETE cascade ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "webhook_attempts" ADD CONSTRAINT "webhook_attempts_conversation_fkey" FOREIGN KEY ("tenant_id","conversation_id") REFERENCES "public"."conversations"("tenant_id","id") ON DELETE cascade ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "webhook_deliveries" ADD CONSTRAINT "webhook_deliveries_endpoint_fkey" FOREIGN KEY ("tenant_id","endpoint_id") REFERENCES "public"."webhook_endpoints"("tenant_id","id") ON DELETE cascade ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "webhook_deliveries" ADD CONSTRAINT "webhook_deliveries_event_fkey" FOREIGN KEY ("tenant_id","conversation_id","event_id") REFERENCES "public"."domain_events"("tenant_id","conversation_id","id") ON DELETE cascade ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "webhook_endpoints" ADD CONSTRAINT "webhook_endpoints_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
CREATE INDEX "webhook_attempts_endpoint_idx" ON "webhook_attempts" USING btree ("tenant_id","endpoint_id","id");
--> statement-breakpoint
CREATE INDEX "webhook_attempts_conversation_idx" ON "webhook_attempts" USING btree ("tenant_id","conversation_id");
--> statement-breakpoint
CREATE INDEX "webhook_attempts_attempted_idx" ON "webhook_attempts" USING btree ("tenant_id","attempted_at");
--> statement-breakpoint
CREATE INDEX "webhook_deliveries_event_idx" ON "webhook_deliveries" USING btree ("tenant_id","conversation_id","event_id");
--> statement-breakpoint
CREATE INDEX "webhook_deliveries_due_idx" ON "webhook_deliveries" USING btree ("tenant_id","endpoint_id","next_attempt_at") WHERE "webhook_deliveries"."state" = 'pending';
--> statement-breakpoint
CREATE INDEX "webhook_deliveries_failed_idx" ON "webhook_deliveries" USING btree ("tenant_id","endpoint_id","created_at") WHERE "webhook_deliveries"."state" = 'failed';
--> statement-breakpoint
CREATE INDEX "webhook_deliveries_settled_idx" ON "webhook_deliveries" USING btree ("tenant_id","created_at") WHERE "webhook_deliveries"."state" <> 'pending';
--> statement-breakpoint
ALTER TABLE "domain_events" ADD CONSTRAINT "domain_events_name_check" CHECK ("domain_events"."name" in ('conversation.started', 'message.added', 'conversation.claimed', 'conversation.handed_over', 'conversation.sla_breached', 'conversation.closed', 'conversation.rated', 'conversation.reopened', 'conversation.renamed', 'conversation.reset'));
--> statement-breakpoint
-- Every table of a tenant: visible and writable only within a transaction that named this tenant.
DO $$
DECLARE
  tenant CONSTANT text := $q$(SELECT nullif(current_setting('app.tenant_id', true), '')::uuid)$q$;
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['webhook_attempts', 'webhook_deliveries', 'webhook_endpoints'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format(
      'CREATE POLICY tenant ON %1$I USING (tenant_id = %2$s) WITH CHECK (tenant_id = %2$s)', name, tenant
    );
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO parley_app', name);
  END LOOP;
END
$$;
--> statement-breakpoint
-- The sweep has to find what was missed, whosever it is; the policies let the owner alone look across tenants.
CREATE POLICY lookup ON webhook_endpoints FOR SELECT TO CURRENT_USER USING (true);
--> statement-breakpoint
CREATE POLICY lookup ON webhook_deliveries FOR SELECT TO CURRENT_USER USING (true);
--> statement-breakpoint
-- Pages of endpoints with something due or to tell, behind the one that is given, null for the first.
CREATE FUNCTION list_overdue_webhooks(after_tenant uuid, after_endpoint uuid, page_size integer)
  RETURNS TABLE (tenant_id uuid, endpoint_id uuid)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ''
  AS $$
    SELECT e.tenant_id, e.id FROM public.webhook_endpoints e
    WHERE (after_tenant IS NULL OR (e.tenant_id, e.id) > (after_tenant, after_endpoint))
      AND (e.notice_due OR EXISTS (
        SELECT FROM public.webhook_deliveries d
        WHERE d.tenant_id = e.tenant_id AND d.endpoint_id = e.id AND d.state = 'pending' AND d.next_attempt_at <= now()))
    ORDER BY e.tenant_id, e.id LIMIT page_size
  $$;
--> statement-breakpoint
-- How many endpoints Parley has switched off, for the installation's figures: a number alone.
CREATE FUNCTION count_disabled_webhooks() RETURNS bigint
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ''
  AS $$ SELECT count(*) FROM public.webhook_endpoints e WHERE e.disabled_reason IS NOT NULL $$;
--> statement-breakpoint
REVOKE ALL ON FUNCTION list_overdue_webhooks(uuid, uuid, integer), count_disabled_webhooks() FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION list_overdue_webhooks(uuid, uuid, integer), count_disabled_webhooks() TO parley_app;
