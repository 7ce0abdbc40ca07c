import { readMigrationEnv } from '../config/env.ts';
import { migrate } from './migrate.ts';

await migrate(readMigrationEnv().DATABASE_OWNER_URL);
