import { and, desc, eq, sql } from 'drizzle-orm';
import { v5 as uuidV5 } from 'uuid';
import type { FlowDefinition } from '../contracts/flow.ts';
import { DEFAULT_TENANT_ID } from '../contracts/workflowId.ts';
import { createDb } from './createDb.ts';
import { aiAgents } from './schema/aiAgents.ts';
import { flows } from './schema/flows.ts';
import { flowVersions } from './schema/flowVersions.ts';
import { knowledgeDocuments } from './schema/knowledgeDocuments.ts';
import { sites } from './schema/sites.ts';
import { type TenantTx, withTenant } from './withTenant.ts';

export interface SeedDocument {
  title: string;
  body: string;
  url?: string;
  /** `en` by default. */
  locale?: string;
}

export interface SeedAgent {
  slug: string;
  name: string;
  instructions: string;
  greeting: string;
}

export interface Seed {
  siteKey: string;
  siteName?: string;
  allowedOrigins: string[];
  flowDefinition: FlowDefinition;
  documents: SeedDocument[];
  /** Whom people of the portal talk to. */
  agents?: SeedAgent[];
  /** What differs from the defaults of `siteLookSchema` and `conversationSettingsSchema`. */
  look?: Record<string, unknown>;
  settings?: Record<string, unknown>;
}

/**
 * Gives the default tenant a site with a flow and a knowledge base, and agents. Run again it brings them to what is given: a flow that
 * changed becomes a new version, so open conversations keep theirs. Either database role will do. Returns the site's id.
 */
export async function seedDefaults(databaseUrl: string, seed: Seed): Promise<{ tenantId: string; siteId: string }> {
  const db = createDb(databaseUrl, { poolSize: 1 });
  const siteId = idOf('site', seed.siteKey);
  try {
    // One at a time: two that publish at once would both take the next version.
    await withTenant(db, DEFAULT_TENANT_ID, (tx) => writeSeed(tx, siteId, seed), { lock: siteId });
  } finally {
    await db.close();
  }
  return { tenantId: DEFAULT_TENANT_ID, siteId };
}

/** The same id for the same thing on every run. */
function idOf(kind: string, name: string): string {
  return uuidV5(`${kind}/${name}`, DEFAULT_TENANT_ID);
}

async function writeSeed(tx: TenantTx, siteId: string, seed: Seed): Promise<void> {
  const { siteKey, siteName = siteKey, allowedOrigins, look = {}, settings = {} } = seed;
  const flowId = idOf('flow', siteKey);
  await publishFlow(tx, flowId, siteName, seed.flowDefinition);
  const site = { name: siteName, allowedOrigins, look, settings, flowId };
  await tx
    .insert(sites)
    .values({ tenantId: DEFAULT_TENANT_ID, id: siteId, key: siteKey, ...site })
    .onConflictDoUpdate({ target: [sites.tenantId, sites.id], set: { ...site, updatedAt: sql`now()` } });
  for (const document of seed.documents) await writeDocument(tx, document);
  for (const agent of seed.agents ?? []) await writeAgent(tx, agent);
}

async function writeAgent(tx: TenantTx, { slug, ...agent }: SeedAgent): Promise<void> {
  await tx
    .insert(aiAgents)
    .values({ tenantId: DEFAULT_TENANT_ID, id: idOf('agent', slug), slug, ...agent })
    .onConflictDoUpdate({
      target: [aiAgents.tenantId, aiAgents.slug],
      set: { ...agent, updatedAt: sql`now()` },
    });
}

async function publishFlow(tx: TenantTx, flowId: string, name: string, definition: FlowDefinition): Promise<void> {
  await tx.insert(flows).values({ tenantId: DEFAULT_TENANT_ID, id: flowId, name }).onConflictDoNothing();
  const [latest] = await tx
    .select({
      version: flowVersions.version,
      same: sql<boolean>`${flowVersions.definition} = ${JSON.stringify(definition)}::jsonb`,
    })
    .from(flowVersions)
    .where(and(eq(flowVersions.tenantId, DEFAULT_TENANT_ID), eq(flowVersions.flowId, flowId)))
    .orderBy(desc(flowVersions.version))
    .limit(1);
  if (latest?.same) return;
  await tx.insert(flowVersions).values({
    tenantId: DEFAULT_TENANT_ID,
    flowId,
    version: (latest?.version ?? 0) + 1,
    definition,
    publishedAt: new Date(),
  });
}

async function writeDocument(tx: TenantTx, { title, body, url, locale = 'en' }: SeedDocument): Promise<void> {
  const id = idOf('document', `${locale}/${title}`);
  const content = { title, url: url ?? null, locale, body };
  await tx
    .insert(knowledgeDocuments)
    .values({ tenantId: DEFAULT_TENANT_ID, id, ...content })
    .onConflictDoUpdate({
      target: [knowledgeDocuments.tenantId, knowledgeDocuments.id],
      set: { ...content, updatedAt: sql`now()` },
    });
}
