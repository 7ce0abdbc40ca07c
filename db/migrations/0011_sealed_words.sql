-- What people said is sealed by the application under the tenant's data key; a sealed value begins with the key's version. Rows
-- from before keep their words, marked with version 0, until `npm run keys -- reseal` has sealed them.
ALTER TABLE "messages" ADD COLUMN "content" "bytea";
--> statement-breakpoint
ALTER TABLE "messages" NO FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE "messages" DISABLE ROW LEVEL SECURITY;
--> statement-breakpoint
UPDATE "messages" SET "content" = '\x00'::bytea || convert_to(
  jsonb_strip_nulls(jsonb_build_object('text', "text", 'choices', "choices", 'sources', "sources"))::text, 'UTF8');
--> statement-breakpoint
ALTER TABLE "messages" ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE "messages" FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE "messages" ALTER COLUMN "content" SET NOT NULL;
--> statement-breakpoint
ALTER TABLE "messages" DROP COLUMN "text", DROP COLUMN "choices", DROP COLUMN "sources";
--> statement-breakpoint
ALTER TABLE "conversation_notes" ALTER COLUMN "text" TYPE "bytea" USING '\x00'::bytea || convert_to("text", 'UTF8');
--> statement-breakpoint
ALTER TABLE "outbox" ALTER COLUMN "text" TYPE "bytea" USING '\x00'::bytea || convert_to("text", 'UTF8');
--> statement-breakpoint
-- A rotation of data keys reseals the secret by which people sign in, too.
GRANT UPDATE ("sealed") ON "people"."secret" TO parley_app;
