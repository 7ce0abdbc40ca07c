import type { HostileRequest } from './hostileRequest.ts';

interface HostileAnswer {
  status: number;
  /** Headers and body. */
  text: string;
}

export async function sendHostile(
  url: string,
  { method, path, headers, body }: HostileRequest,
): Promise<HostileAnswer> {
  const answer = await fetch(`${url}${path}`, { method, headers, body, redirect: 'manual' });
  const head = [...answer.headers].map(([name, value]) => `${name}: ${value}`).join('\n');
  return { status: answer.status, text: `${answer.status}\n${head}\n\n${await answer.text()}` };
}

/** All that went in, but for who asks: a token in a header is the attacker's own. */
export function textOf({ attacker, method, path, headers, body = '' }: HostileRequest): string {
  return `${attacker.name}: ${method} ${path}\nparley-tenant: ${headers['parley-tenant'] ?? ''}\n\n${body}`;
}
