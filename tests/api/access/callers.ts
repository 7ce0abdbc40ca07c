import { hashPassword } from 'better-auth/crypto';
import { v7 as uuidv7 } from 'uuid';
import { type Role, type Scope, scopeSchema } from '../../../contracts/access.ts';
import { insertMembership } from '../../../db/queries/people/insertMembership.ts';
import { insertPerson } from '../../../db/queries/people/insertPerson.ts';
import { makePlatformAdmin } from '../../../db/queries/people/makePlatformAdmin.ts';
import { withTenant } from '../../../db/withTenant.ts';
import { issueKey } from '../support/issueKey.ts';
import { SERVICE_TOKEN, type Stack } from '../support/stack.ts';

export type PersonName = Role | 'platform admin';

/** Who a request may come from. A key's name says whether it has the scope that the route asks for. */
export type CallerName =
  | PersonName
  | 'anonymous'
  | 'visitor'
  | 'key without the scope'
  | 'key with the scope'
  | 'service token';

export interface Caller<Name extends CallerName = CallerName> {
  name: Name;
  headers: Record<string, string>;
  /** A visitor's. */
  conversationId?: string;
}

export const PASSWORD = 'a password of these tests alone';

export const anonymous: Caller = { name: 'anonymous', headers: {} };
export const serviceToken: Caller = { name: 'service token', headers: bearer(SERVICE_TOKEN) };

export function visitorIn(conversationId: string, token: string): Caller {
  return { name: 'visitor', headers: bearer(token), conversationId };
}

/** Signs in somebody new, who is a member of the tenant alone; a platform admin is a member of none. */
export async function signInAs(
  { db }: Stack,
  url: string,
  name: PersonName,
  tenantId: string,
): Promise<Caller<PersonName>> {
  const email = `${uuidv7()}@people.example`;
  const login = { passwordHash: await hashPassword(PASSWORD) };
  const userId = await withTenant(db, tenantId, async (tx) => {
    const id = (await insertPerson(tx, { email, name, login })) ?? '';
    if (name !== 'platform admin') await insertMembership(tx, { tenantId, userId: id, role: name });
    return id;
  });
  if (name === 'platform admin') await makePlatformAdmin(db, userId);
  const response = await fetch(`${url}/api/auth/sign-in`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: url },
    body: JSON.stringify({ email, password: PASSWORD }),
  });
  if (response.status !== 200) throw new Error(`sign-in answered ${response.status} ${await response.text()}`);
  const cookie = response.headers.getSetCookie().map((line) => line.split(';')[0]);
  return { name, headers: { cookie: cookie.join('; '), origin: url } };
}

/** Keys by scope: one with nothing else, and one with everything else. */
export function createKeyring({ db }: Stack, tenantId: string) {
  const keys = new Map<string, Promise<string>>();
  const keyOf = (scopes: Scope[]) => {
    const name = scopes.join();
    const key = keys.get(name) ?? issueKey(db, tenantId, scopes).then((issued) => issued.key);
    keys.set(name, key);
    return key;
  };
  return {
    async with(scope: Scope): Promise<Caller> {
      return { name: 'key with the scope', headers: bearer(await keyOf([scope])) };
    },
    async without(scope?: Scope): Promise<Caller> {
      const others = scopeSchema.options.filter((option) => option !== scope);
      return { name: 'key without the scope', headers: bearer(await keyOf(others)) };
    },
  };
}

function bearer(token: string): Record<string, string> {
  return { authorization: `Bearer ${token}` };
}
