import type { Db } from '../../db/createDb.ts';
import { listTenantIds } from '../../db/queries/tenants/listTenantIds.ts';
import type { KeyProvider } from '../../encryption/keyProvider.ts';
import type { Keys } from '../../runtime/openKeys.ts';

/** What the commands about keys work with. */
export interface KeyTools {
  db: Db;
  provider: KeyProvider;
  /** Keys as the database has them now: nothing from an earlier opening is remembered. */
  openKeys(): Keys;
  /** One line for the operator. Never a key, never what was sealed. */
  say(line: string): void;
}

const PAGE = 100;

/** The one tenant that was asked for, else all of them in the order of their ids, those made meanwhile included. */
export async function* tenantsOf({ db }: Pick<KeyTools, 'db'>, only: string | undefined): AsyncGenerator<string> {
  if (only !== undefined) {
    yield only;
    return;
  }
  let after: string | undefined;
  for (;;) {
    const page = await listTenantIds(db, { after, limit: PAGE });
    yield* page;
    if (page.length < PAGE) return;
    after = page.at(-1);
  }
}
