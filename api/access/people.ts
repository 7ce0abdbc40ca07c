import type { FastifyRequest } from 'fastify';

/** A person with an account on this installation. */
export interface Person {
  userId: string;
  platformAdmin: boolean;
  /** Where a tenant's own identity provider vouched for the person: no other tenant has to believe it. */
  onlyTenantId?: string;
}

/** What the access hook asks of whoever signs people in. */
export interface People {
  /**
   * Who is signed in; undefined when nobody is. Throws when a request that changes something carries a person's cookie but was
   * not made by one of our own pages.
   */
  personOf(request: FastifyRequest): Promise<Person | undefined>;
  /** Whether the request's Origin is this installation's own; false for a request without one. */
  isOwnOrigin(request: FastifyRequest): boolean;
}
