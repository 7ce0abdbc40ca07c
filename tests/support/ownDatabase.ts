import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { inject } from 'vitest';
import { migrate } from '../../db/migrate.ts';

/** A database that no other test sees, on the server of the run: for what goes through every tenant. */
export interface OwnDatabase {
  ownerUrl: string;
  appUrl: string;
  drop(): Promise<void>;
}

export async function createOwnDatabase(): Promise<OwnDatabase> {
  const database = await createDatabase();
  await migrate(database.ownerUrl);
  return database;
}

/** The same without a table in it. */
export async function createDatabase(): Promise<OwnDatabase> {
  const servers = inject('servers');
  const name = `own_${randomUUID().replaceAll('-', '')}`;
  const urlOf = (url: string) => Object.assign(new URL(url), { pathname: `/${name}` }).toString();
  await asOwner(servers.ownerUrl, `CREATE DATABASE ${name}`);
  return {
    ownerUrl: urlOf(servers.ownerUrl),
    appUrl: urlOf(servers.appUrl),
    drop: () => asOwner(servers.ownerUrl, `DROP DATABASE ${name} WITH (FORCE)`),
  };
}

async function asOwner(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
