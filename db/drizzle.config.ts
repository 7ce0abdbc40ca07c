import { defineConfig } from 'drizzle-kit';

/** `npx drizzle-kit generate --config db/drizzle.config.ts` writes the next migration from what changed in the schema. */
export default defineConfig({ dialect: 'postgresql', schema: './db/schema/**/*.ts', out: './db/migrations' });
