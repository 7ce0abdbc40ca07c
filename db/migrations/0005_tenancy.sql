CREATE TABLE "ai_agents" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"slug" text NOT NULL,
	"name" text NOT NULL,
	"instructions" text NOT NULL,
	"greeting" text,
	"flow_id" uuid,
	"enabled" boolean DEFAULT true NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "ai_agents_tenant_id_id_pk" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "ai_agents_slug_key" UNIQUE("tenant_id","slug")
);
--> statement-breakpoint
CREATE TABLE "api_keys" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"name" text NOT NULL,
	"prefix" text NOT NULL,
	"secret_hash" "bytea" NOT NULL,
	"scopes" text[] NOT NULL,
	"requests_per_minute" integer NOT NULL,
	"created_by" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp (3) with time zone,
	"revoked_at" timestamp (3) with time zone,
	"last_used_at" timestamp (3) with time zone,
	CONSTRAINT "api_keys_tenant_id_id_pk" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "api_keys_secret_key" UNIQUE("secret_hash"),
	CONSTRAINT "api_keys_scopes_check" CHECK ("api_keys"."scopes" <@ array['conversations:read', 'conversations:write', 'settings:read', 'settings:write', 'keys:manage', 'members:manage', 'audit:read', 'data:export', 'data:erase', 'codec:decode']),
	CONSTRAINT "api_keys_requests_check" CHECK ("api_keys"."requests_per_minute" > 0)
);
--> statement-breakpoint
CREATE TABLE "audit_log" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"actor_kind" text NOT NULL,
	"actor_id" text,
	"action" text NOT NULL,
	"target" text NOT NULL,
	"data" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"ip" "inet",
	"request_id" text,
	"occurred_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "audit_log_tenant_id_id_pk" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "audit_log_actor_check" CHECK ("audit_log"."actor_kind" in ('service', 'apiKey', 'person', 'system'))
);
--> statement-breakpoint
CREATE TABLE "erasures" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"subject" jsonb NOT NULL,
	"state" text DEFAULT 'requested' NOT NULL,
	"receipt" jsonb,
	"requested_by" text NOT NULL,
	"requested_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"finished_at" timestamp (3) with time zone,
	CONSTRAINT "erasures_tenant_id_id_pk" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "erasures_state_check" CHECK ("erasures"."state" in ('requested', 'running', 'done', 'failed'))
);
--> statement-breakpoint
CREATE TABLE "identity_providers" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"slug" text NOT NULL,
	"issuer" text NOT NULL,
	"client_id" text NOT NULL,
	"client_secret" "bytea" NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "identity_providers_tenant_id_id_pk" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "identity_providers_slug_key" UNIQUE("slug")
);
--> statement-breakpoint
CREATE TABLE "invitations" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"email" text NOT NULL,
	"role" text NOT NULL,
	"token_hash" "bytea" NOT NULL,
	"invited_by" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"accepted_at" timestamp (3) with time zone,
	CONSTRAINT "invitations_tenant_id_id_pk" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "invitations_token_key" UNIQUE("token_hash"),
	CONSTRAINT "invitations_role_check" CHECK ("invitations"."role" in ('admin', 'agent', 'viewer'))
);
--> statement-breakpoint
CREATE TABLE "memberships" (
	"tenant_id" uuid NOT NULL,
	"user_id" text NOT NULL,
	"role" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "memberships_tenant_id_user_id_pk" PRIMARY KEY("tenant_id","user_id"),
	CONSTRAINT "memberships_role_check" CHECK ("memberships"."role" in ('admin', 'agent', 'viewer'))
);
--> statement-breakpoint
CREATE TABLE "portal_conversations" (
	"tenant_id" uuid NOT NULL,
	"agent_id" uuid NOT NULL,
	"user_id" text NOT NULL,
	"conversation_id" uuid NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "portal_conversations_tenant_id_agent_id_user_id_pk" PRIMARY KEY("tenant_id","agent_id","user_id"),
	CONSTRAINT "portal_conversations_conversation_key" UNIQUE("tenant_id","conversation_id")
);
--> statement-breakpoint
CREATE TABLE "telemetry_events" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"site_id" uuid NOT NULL,
	"conversation_id" uuid,
	"name" text NOT NULL,
	"data" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"occurred_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "telemetry_events_tenant_id_id_pk" PRIMARY KEY("tenant_id","id")
);
--> statement-breakpoint
CREATE TABLE "tenant_settings" (
	"tenant_id" uuid NOT NULL,
	"environment" text NOT NULL,
	"settings" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"flags" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "tenant_settings_tenant_id_environment_pk" PRIMARY KEY("tenant_id","environment"),
	CONSTRAINT "tenant_settings_environment_check" CHECK ("tenant_settings"."environment" in ('development', 'staging', 'production'))
);
--> statement-breakpoint
ALTER TABLE "conversations" ALTER COLUMN "site_id" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "verified_user_id" text;--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "traits" jsonb DEFAULT '{}'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "traits_verified" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "ip" "inet";--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "ip_seen_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "last_seen_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "revoked_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "sites" ADD COLUMN "locale" text;--> statement-breakpoint
ALTER TABLE "sites" ADD COLUMN "rollout" text DEFAULT 'ga' NOT NULL;--> statement-breakpoint
ALTER TABLE "sites" ADD COLUMN "rollout_percent" integer;--> statement-breakpoint
ALTER TABLE "sites" ADD COLUMN "identity" jsonb;--> statement-breakpoint
ALTER TABLE "sites" ADD COLUMN "identity_secret" "bytea";--> statement-breakpoint
ALTER TABLE "sites" ADD COLUMN "protection" text DEFAULT 'normal' NOT NULL;--> statement-breakpoint
ALTER TABLE "tenant_keys" ADD COLUMN "master_key_id" text;--> statement-breakpoint
ALTER TABLE "ai_agents" ADD CONSTRAINT "ai_agents_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "ai_agents" ADD CONSTRAINT "ai_agents_flow_fkey" FOREIGN KEY ("tenant_id","flow_id") REFERENCES "public"."flows"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "api_keys" ADD CONSTRAINT "api_keys_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "audit_log" ADD CONSTRAINT "audit_log_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "erasures" ADD CONSTRAINT "erasures_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "identity_providers" ADD CONSTRAINT "identity_providers_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "invitations" ADD CONSTRAINT "invitations_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "memberships" ADD CONSTRAINT "memberships_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "portal_conversations" ADD CONSTRAINT "portal_conversations_agent_fkey" FOREIGN KEY ("tenant_id","agent_id") REFERENCES "public"."ai_agents"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "telemetry_events" ADD CONSTRAINT "telemetry_events_site_fkey" FOREIGN KEY ("tenant_id","site_id") REFERENCES "public"."sites"("tenant_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "tenant_settings" ADD CONSTRAINT "tenant_settings_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "memberships_user_idx" ON "memberships" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "portal_conversations_user_idx" ON "portal_conversations" USING btree ("tenant_id","user_id","conversation_id");--> statement-breakpoint
CREATE INDEX "telemetry_events_occurred_idx" ON "telemetry_events" USING btree ("tenant_id","occurred_at");--> statement-breakpoint
CREATE INDEX "telemetry_events_conversation_idx" ON "telemetry_events" USING btree ("tenant_id","conversation_id");--> statement-breakpoint
CREATE INDEX "sessions_ip_idx" ON "sessions" USING btree ("tenant_id","ip_seen_at") WHERE "sessions"."ip" is not null;--> statement-breakpoint
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_verified_key" UNIQUE("tenant_id","site_id","verified_user_id");--> statement-breakpoint
ALTER TABLE "conversations" ADD CONSTRAINT "conversations_site_check" CHECK ("conversations"."channel" <> 'web' or "conversations"."site_id" is not null);--> statement-breakpoint
ALTER TABLE "sites" ADD CONSTRAINT "sites_rollout_check" CHECK ("sites"."rollout" in ('off', 'pilot', 'tiered', 'ga'));--> statement-breakpoint
ALTER TABLE "sites" ADD CONSTRAINT "sites_rollout_percent_check" CHECK ("sites"."rollout_percent" between 0 and 100);--> statement-breakpoint
ALTER TABLE "sites" ADD CONSTRAINT "sites_tiered_check" CHECK ("sites"."rollout" <> 'tiered' or "sites"."rollout_percent" is not null);--> statement-breakpoint
ALTER TABLE "sites" ADD CONSTRAINT "sites_protection_check" CHECK ("sites"."protection" in ('normal', 'under_attack'));
--> statement-breakpoint
-- The same policy as in 0002, and no more rights than the application needs: nobody rewrites the audit log or a receipt.
DO $$
DECLARE
  tenant CONSTANT text := $q$(SELECT nullif(current_setting('app.tenant_id', true), '')::uuid)$q$;
  name text;
  rights text;
BEGIN
  FOR name, rights IN VALUES
    ('ai_agents', 'SELECT, INSERT, UPDATE, DELETE'),
    ('api_keys', 'SELECT, INSERT, UPDATE, DELETE'),
    ('audit_log', 'SELECT, INSERT'),
    ('erasures', 'SELECT, INSERT, UPDATE'),
    ('identity_providers', 'SELECT, INSERT, UPDATE, DELETE'),
    ('invitations', 'SELECT, INSERT, UPDATE, DELETE'),
    ('memberships', 'SELECT, INSERT, UPDATE, DELETE'),
    ('portal_conversations', 'SELECT, INSERT, UPDATE, DELETE'),
    ('telemetry_events', 'SELECT, INSERT, UPDATE, DELETE'),
    ('tenant_settings', 'SELECT, INSERT, UPDATE, DELETE')
  LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY tenant ON %1$I USING (tenant_id = %2$s) WITH CHECK (tenant_id = %2$s)', name, tenant);
    EXECUTE format('GRANT %s ON %I TO parley_app', rights, name);
  END LOOP;
END
$$;
--> statement-breakpoint
-- The look-ups of 0002 for what else comes before a tenant is known. A person's roles are a word each; the rest are ids.
CREATE POLICY lookup ON api_keys FOR SELECT TO CURRENT_USER USING (true);
--> statement-breakpoint
CREATE POLICY lookup ON identity_providers FOR SELECT TO CURRENT_USER USING (true);
--> statement-breakpoint
CREATE POLICY lookup ON invitations FOR SELECT TO CURRENT_USER USING (true);
--> statement-breakpoint
CREATE POLICY lookup ON memberships FOR SELECT TO CURRENT_USER USING (true);
--> statement-breakpoint
CREATE POLICY lookup ON tenants FOR SELECT TO CURRENT_USER USING (true);
--> statement-breakpoint
CREATE FUNCTION find_api_key(hash bytea) RETURNS TABLE (tenant_id uuid, key_id uuid)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ''
  AS $$ SELECT k.tenant_id, k.id FROM public.api_keys k WHERE k.secret_hash = hash $$;
--> statement-breakpoint
CREATE FUNCTION find_identity_provider(provider_slug text) RETURNS TABLE (tenant_id uuid, provider_id uuid)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ''
  AS $$ SELECT p.tenant_id, p.id FROM public.identity_providers p WHERE p.slug = provider_slug $$;
--> statement-breakpoint
CREATE FUNCTION find_invitation(hash bytea) RETURNS TABLE (tenant_id uuid, invitation_id uuid)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ''
  AS $$ SELECT i.tenant_id, i.id FROM public.invitations i WHERE i.token_hash = hash $$;
--> statement-breakpoint
CREATE FUNCTION list_memberships(person_id text) RETURNS TABLE (tenant_id uuid, role text)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ''
  AS $$ SELECT m.tenant_id, m.role FROM public.memberships m WHERE m.user_id = person_id ORDER BY m.tenant_id $$;
--> statement-breakpoint
-- Pages of ids, ascending: `after` is the last one of the page before, null for the first.
CREATE FUNCTION list_tenants(after uuid, page_size integer) RETURNS TABLE (tenant_id uuid)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ''
  AS $$ SELECT t.id FROM public.tenants t WHERE after IS NULL OR t.id > after ORDER BY t.id LIMIT page_size $$;
--> statement-breakpoint
REVOKE ALL ON FUNCTION find_api_key(bytea), find_identity_provider(text), find_invitation(bytea), list_memberships(text),
  list_tenants(uuid, integer) FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION find_api_key(bytea), find_identity_provider(text), find_invitation(bytea), list_memberships(text),
  list_tenants(uuid, integer) TO parley_app;
