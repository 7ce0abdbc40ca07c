ALTER TABLE "channel_connections" ADD COLUMN "bot_ids" text[] DEFAULT '{}' NOT NULL;
--> statement-breakpoint
-- A bot's updates go to one place: of two tenants that typed in the same bot one would hear nothing. Each sees its own rows
-- alone, so the question is asked here, for all; the lock lets of two that come at once the later see what the first has written.
-- The tokens of older connections are sealed: their bots are known when their secrets are next set.
CREATE FUNCTION refuse_bot_of_another_tenant() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = ''
  AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('channel_connections.bot_ids', 0));
  IF EXISTS (
    SELECT FROM public.channel_connections c
    WHERE c.type = 'telegram' AND c.status = 'active' AND c.tenant_id <> NEW.tenant_id AND c.bot_ids && NEW.bot_ids
  ) THEN
    RAISE EXCEPTION USING
      ERRCODE = 'unique_violation',
      MESSAGE = 'Another tenant has one of the bots',
      CONSTRAINT = 'channel_connections_bots_key';
  END IF;
  RETURN NEW;
END
$$;
--> statement-breakpoint
REVOKE ALL ON FUNCTION refuse_bot_of_another_tenant() FROM PUBLIC;
--> statement-breakpoint
CREATE TRIGGER channel_connections_bots BEFORE INSERT OR UPDATE OF status, bot_ids ON channel_connections
  FOR EACH ROW WHEN (NEW.type = 'telegram' AND NEW.status = 'active' AND NEW.bot_ids <> '{}')
  EXECUTE FUNCTION refuse_bot_of_another_tenant();
