import { readEnv } from '../config/env.ts';
import { migrate } from './migrate.ts';

const env = readEnv();
if (!env.DATABASE_OWNER_URL)
  throw new Error('DATABASE_OWNER_URL is missing: migrations run as the owner of the tables.');
await migrate(env.DATABASE_OWNER_URL);
