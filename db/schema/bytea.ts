import { customType } from 'drizzle-orm/pg-core';

/** Raw bytes: what is encrypted or hashed. */
export const bytea = customType<{ data: Buffer }>({ dataType: () => 'bytea' });
