import { randomBytes } from 'node:crypto';
import { DEFAULT_TENANT_ID } from '../../contracts/workflowId.ts';
import type { Db } from '../../db/createDb.ts';
import { keepPeopleSecret, readPeopleSecret } from '../../db/queries/people/peopleSecret.ts';
import type { SecretBox } from '../../encryption/secretBox.ts';

const SECRET_BYTES = 32;

/** The installation's secret for people's cookies and second factors; made by whichever instance asks first. */
export async function loadPeopleSecret(db: Db, secrets: SecretBox): Promise<string> {
  const sealed = (await readPeopleSecret(db)) ?? (await keepPeopleSecret(db, await newSecret(secrets)));
  return secrets.open(DEFAULT_TENANT_ID, sealed);
}

function newSecret(secrets: SecretBox): Promise<Buffer> {
  return secrets.seal(DEFAULT_TENANT_ID, randomBytes(SECRET_BYTES).toString('base64url'));
}
