-- What visitors and agents send each other beside words. The bytes are in the storage; the row has what belongs to them.
CREATE TABLE "files" (
	"tenant_id" uuid NOT NULL,
	"conversation_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"message_id" uuid,
	"name" "bytea" NOT NULL,
	"source" "bytea",
	"size" integer NOT NULL,
	"type" text,
	"sha256" text,
	"stored_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "files_tenant_id_conversation_id_id_pk" PRIMARY KEY("tenant_id","conversation_id","id"),
	CONSTRAINT "files_size_check" CHECK ("files"."size" >= 0),
	CONSTRAINT "files_stored_check" CHECK ("files"."stored_at" is null or ("files"."type" is not null and "files"."sha256" is not null))
);
--> statement-breakpoint
CREATE INDEX "files_unattached_idx" ON "files" USING btree ("tenant_id","created_at") WHERE "files"."message_id" is null;
--> statement-breakpoint
ALTER TABLE files ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE files FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
CREATE POLICY tenant ON files
  USING (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid))
  WITH CHECK (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid));
--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE, DELETE ON files TO parley_app;
