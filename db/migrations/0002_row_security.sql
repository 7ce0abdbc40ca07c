-- Every table of a tenant: visible and writable only within a transaction that named this tenant. FORCE binds the owner
-- of the tables as well. nullif: after such a transaction the setting is not absent but empty.
DO $$
DECLARE
  tenant CONSTANT text := $q$(SELECT nullif(current_setting('app.tenant_id', true), '')::uuid)$q$;
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY[
    'channel_connections', 'conversation_notes', 'conversations', 'domain_events', 'flow_versions', 'flows',
    'knowledge_documents', 'messages', 'outbox', 'sessions', 'sites', 'telegram_topics', 'tenant_keys', 'tenants'
  ] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format(
      'CREATE POLICY tenant ON %1$I USING (%2$I = %3$s) WITH CHECK (%2$I = %3$s)',
      name, CASE name WHEN 'tenants' THEN 'id' ELSE 'tenant_id' END, tenant
    );
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO parley_app', name);
  END LOOP;
END
$$;
--> statement-breakpoint
-- A tenant is switched off, never deleted, by the application.
REVOKE DELETE ON tenants FROM parley_app;
--> statement-breakpoint
-- What leads from a public name to its tenant, before a tenant is known: two functions that run as the owner and return
-- nothing but ids. The policies let the owner alone see the rows across tenants that the functions look at.
CREATE POLICY lookup ON sites FOR SELECT TO CURRENT_USER USING (true);
--> statement-breakpoint
CREATE POLICY lookup ON channel_connections FOR SELECT TO CURRENT_USER USING (true);
--> statement-breakpoint
CREATE FUNCTION find_site(site_key text) RETURNS TABLE (tenant_id uuid, site_id uuid)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ''
  AS $$ SELECT s.tenant_id, s.id FROM public.sites s WHERE s.key = site_key $$;
--> statement-breakpoint
CREATE FUNCTION find_channel_by_webhook(secret_hash bytea) RETURNS TABLE (tenant_id uuid, connection_id uuid)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ''
  AS $$ SELECT c.tenant_id, c.id FROM public.channel_connections c WHERE c.webhook_secret_hash = secret_hash $$;
--> statement-breakpoint
REVOKE ALL ON FUNCTION find_site(text), find_channel_by_webhook(bytea) FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION find_site(text), find_channel_by_webhook(bytea) TO parley_app;
--> statement-breakpoint
-- The tenant of the first version's endpoints: DEFAULT_TENANT_ID in contracts/workflowId.ts.
SELECT set_config('app.tenant_id', '00000000-0000-7000-8000-000000000001', true);
--> statement-breakpoint
INSERT INTO tenants (id, slug, name) VALUES ('00000000-0000-7000-8000-000000000001', 'default', 'Default');
--> statement-breakpoint
SELECT set_config('app.tenant_id', '', true);
