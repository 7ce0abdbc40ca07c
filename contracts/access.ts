import { z } from 'zod';

/** What an API key may be allowed. Each is a family of routes; a route names the one it needs. */
export const scopeSchema = z.enum([
  'conversations:read',
  'conversations:write',
  'settings:read',
  'settings:write',
  'keys:manage',
  'members:manage',
  'audit:read',
  'data:export',
  'data:erase',
  'codec:decode',
  'ledger:payload',
]);
export type Scope = z.infer<typeof scopeSchema>;

/** What a person is in a tenant. Who runs the installation is a property of the person, not a role. */
export const roleSchema = z.enum(['admin', 'agent', 'viewer']);
export type Role = z.infer<typeof roleSchema>;

const RANK: Record<Role, number> = { viewer: 0, agent: 1, admin: 2 };

/** Whether a role includes what another one may do. */
export function isAtLeast(role: Role, least: Role): boolean {
  return RANK[role] >= RANK[least];
}

/** The least role that may do what a scope stands for: viewers read, agents answer, the rest is an admin's. */
export const ROLE_OF_SCOPE: Record<Scope, Role> = {
  'conversations:read': 'viewer',
  'conversations:write': 'agent',
  'settings:read': 'viewer',
  'settings:write': 'admin',
  'keys:manage': 'admin',
  'members:manage': 'admin',
  'audit:read': 'admin',
  'data:export': 'admin',
  'data:erase': 'admin',
  'codec:decode': 'admin',
  'ledger:payload': 'admin',
};
