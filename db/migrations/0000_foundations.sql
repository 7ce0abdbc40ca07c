-- Both extensions are "trusted": the owner of the database may create them without being a superuser.
CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;
--> statement-breakpoint
CREATE EXTENSION IF NOT EXISTS unaccent WITH SCHEMA public;
--> statement-breakpoint
-- The application's role. Where an operator made it beforehand (with a login), nothing happens here. Otherwise it is made
-- without a login: give it one, or make your own login a member (GRANT parley_app TO my_login).
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'parley_app') THEN
    CREATE ROLE parley_app NOLOGIN NOSUPERUSER NOBYPASSRLS;
  END IF;
EXCEPTION
  WHEN duplicate_object OR unique_violation THEN NULL; -- A migration of another database of this server was first.
  WHEN insufficient_privilege THEN
    RAISE EXCEPTION 'The role parley_app is missing and this role may not create it'
      USING HINT = 'As an administrator: CREATE ROLE parley_app LOGIN PASSWORD ''…''';
END
$$;
--> statement-breakpoint
GRANT USAGE ON SCHEMA public TO parley_app;
--> statement-breakpoint
-- Which stemming a text gets by the language of its locale (`de-AT` is German); immutable, as generated columns need.
CREATE FUNCTION knowledge_language(locale text) RETURNS regconfig
  LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN
  CASE lower(left(locale, 2))
    WHEN 'da' THEN 'pg_catalog.danish'::regconfig
    WHEN 'de' THEN 'pg_catalog.german'::regconfig
    WHEN 'en' THEN 'pg_catalog.english'::regconfig
    WHEN 'es' THEN 'pg_catalog.spanish'::regconfig
    WHEN 'fi' THEN 'pg_catalog.finnish'::regconfig
    WHEN 'fr' THEN 'pg_catalog.french'::regconfig
    WHEN 'hu' THEN 'pg_catalog.hungarian'::regconfig
    WHEN 'it' THEN 'pg_catalog.italian'::regconfig
    WHEN 'nl' THEN 'pg_catalog.dutch'::regconfig
    WHEN 'no' THEN 'pg_catalog.norwegian'::regconfig
    WHEN 'pt' THEN 'pg_catalog.portuguese'::regconfig
    WHEN 'ro' THEN 'pg_catalog.romanian'::regconfig
    WHEN 'ru' THEN 'pg_catalog.russian'::regconfig
    WHEN 'sv' THEN 'pg_catalog.swedish'::regconfig
    WHEN 'tr' THEN 'pg_catalog.turkish'::regconfig
    ELSE 'pg_catalog.simple'::regconfig
  END;
--> statement-breakpoint
-- Lower case without accents. unaccent() itself is only STABLE because its dictionary could be changed; ours is not.
CREATE FUNCTION knowledge_plain(words text) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT RETURN
  lower(public.unaccent('public.unaccent'::regdictionary, words));
