-- Whether any site lets a page of this origin talk to us: a preflight names no site, so this comes before a tenant is known.
-- Answers yes or no, never whose.
CREATE INDEX sites_allowed_origins_idx ON sites USING gin (allowed_origins);
--> statement-breakpoint
CREATE INDEX tenant_settings_origins_idx ON tenant_settings USING gin ((settings -> 'allowedOrigins'));
--> statement-breakpoint
CREATE POLICY lookup ON tenant_settings FOR SELECT TO CURRENT_USER USING (true);
--> statement-breakpoint
CREATE FUNCTION is_known_origin(origin text, in_environment text) RETURNS boolean
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ''
  AS $$
    SELECT EXISTS (SELECT FROM public.sites s WHERE s.allowed_origins @> ARRAY[origin])
      OR EXISTS (
        SELECT FROM public.tenant_settings t
        WHERE t.settings -> 'allowedOrigins' @> to_jsonb(origin) AND t.environment = in_environment
      )
  $$;
--> statement-breakpoint
REVOKE ALL ON FUNCTION is_known_origin(text, text) FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION is_known_origin(text, text) TO parley_app;
