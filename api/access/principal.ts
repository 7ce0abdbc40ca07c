import { isAtLeast, type Role, type Scope } from '../../contracts/access.ts';
import { DEFAULT_TENANT_ID } from '../../contracts/workflowId.ts';

/** A person who is signed in, with a role in each tenant that they are a member of. */
export interface PersonPrincipal {
  kind: 'person';
  userId: string;
  /** Installation-wide: is an admin of any tenant that they name, and alone may create and suspend tenants. */
  platformAdmin: boolean;
  roles: ReadonlyMap<string, Role>;
}

/** A tenant's API key. */
export interface ApiKeyPrincipal {
  kind: 'apiKey';
  tenantId: string;
  keyId: string;
  scopes: ReadonlySet<Scope>;
}

/** Who calls a route that is not a visitor's. `service` is SERVICE_TOKEN: an admin of the default tenant. */
export type Principal = { kind: 'service' } | ApiKeyPrincipal | PersonPrincipal;

/** What a route of a tenant asks for: the scope of a key, and the role of a person. */
export interface Permission {
  scope: Scope;
  role: Role;
}

/** Whether the principal may do this in this tenant. */
export function isAllowed(principal: Principal, { scope, role }: Permission, tenantId: string): boolean {
  switch (principal.kind) {
    case 'service':
      return tenantId === DEFAULT_TENANT_ID;
    case 'apiKey':
      return tenantId === principal.tenantId && principal.scopes.has(scope);
    case 'person': {
      const held = roleIn(principal, tenantId);
      return held !== undefined && isAtLeast(held, role);
    }
  }
}

/** The person's role in a tenant; undefined for one that they have nothing to do with. */
export function roleIn({ platformAdmin, roles }: PersonPrincipal, tenantId: string): Role | undefined {
  return platformAdmin ? 'admin' : roles.get(tenantId);
}
