ALTER TABLE "api_keys" DROP CONSTRAINT "api_keys_scopes_check";--> statement-breakpoint
ALTER TABLE "api_keys" ADD CONSTRAINT "api_keys_scopes_check" CHECK ("api_keys"."scopes" <@ array['conversations:read', 'conversations:write', 'settings:read', 'settings:write', 'keys:manage', 'members:manage', 'audit:read', 'data:export', 'data:erase', 'codec:decode', 'ledger:payload']);--> statement-breakpoint
CREATE INDEX "outbox_troubled_idx" ON "outbox" USING btree ("state") WHERE "outbox"."state" in ('parked', 'unknown', 'failed');
--> statement-breakpoint
-- How many rows of the ledger wait for somebody, for the installation's figures: numbers alone, of all tenants together.
CREATE FUNCTION count_troubled_deliveries() RETURNS TABLE (state text, rows bigint)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ''
  AS $$
    SELECT o.state, count(*) FROM public.outbox o WHERE o.state IN ('parked', 'unknown', 'failed') GROUP BY o.state
  $$;
--> statement-breakpoint
REVOKE ALL ON FUNCTION count_troubled_deliveries() FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION count_troubled_deliveries() TO parley_app;
