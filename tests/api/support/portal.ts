import { v7 as uuidv7 } from 'uuid';
import type { AnswerProvider } from '../../../activities/ai/answerProvider.ts';
import type { Role } from '../../../contracts/access.ts';
import { type AiAgentInput, aiAgentInputSchema } from '../../../contracts/aiAgent.ts';
import type { PortalHistory } from '../../../contracts/portal.ts';
import { createAgent } from '../../../db/queries/agents/createAgent.ts';
import { createTenant } from '../../db/fixtures/createTenant.ts';
import { until } from '../../workflow/until.ts';
import { signInAs } from '../access/callers.ts';
import { type Stack, startStack } from './stack.ts';
import { type Answer, request, VisitorClient } from './visitor.ts';

const PORTAL = '/api/portal/chat/conversations';

export const GREETING = 'Hello, I am Ada.';

/** Two API instances and a worker, and a tenant whose agent Ada answers as `provider` does. */
export interface PortalStack {
  stack: Stack;
  urls: [string, string];
  tenantId: string;
  agent(input?: Partial<AiAgentInput>, tenantId?: string): Promise<{ id: string; slug: string }>;
  /** Somebody new, who is signed in; of the tenant unless another is named. */
  person(role?: Role | 'platform admin', tenantId?: string): Promise<PortalUser>;
}

export async function startPortal(provider: AnswerProvider): Promise<PortalStack> {
  const stack = await startStack();
  const urls: [string, string] = [(await stack.startApi()).url, (await stack.startApi()).url];
  await stack.startWorker({}, provider);
  const { tenantId } = await createTenant(stack.db);
  return {
    stack,
    urls,
    tenantId,
    async agent(input = {}, of = tenantId) {
      const whole = aiAgentInputSchema.parse({ slug: `ada-${uuidv7()}`, name: 'Ada', greeting: GREETING, ...input });
      return createAgent(stack.db, of, whole, { actor: { kind: 'system', id: null } });
    },
    async person(role = 'viewer', of = tenantId) {
      const { headers } = await signInAs(stack, urls[0], role, of);
      return new PortalUser(urls[0], headers['cookie'] ?? '');
    },
  };
}

/** A browser in which a person is signed in, on a page of the installation. */
export class PortalUser {
  readonly #url: string;
  readonly cookie: string;

  constructor(url: string, cookie: string) {
    this.#url = url;
    this.cookie = cookie;
  }

  /** The same person's browser at another instance. */
  at(url: string): PortalUser {
    return new PortalUser(url, this.cookie);
  }

  send(method: string, path: string, body?: unknown): Promise<Answer> {
    return request(`${this.#url}${path}`, {
      method,
      headers: { cookie: this.cookie, origin: this.#url },
      ...(body === undefined ? {} : { body }),
    });
  }

  async me(): Promise<{ userId: string }> {
    const { body } = await this.send('GET', '/api/auth/me');
    return { userId: (body['user'] as { id: string }).id };
  }

  open(agent: string, tenantId?: string): Promise<Answer> {
    return this.send('POST', PORTAL, { agent, ...(tenantId ? { tenantId } : {}) });
  }

  /** The id of the conversation with the agent. */
  async conversation(agent: string): Promise<string> {
    const { status, body } = await this.open(agent);
    if (status > 201) throw new Error(`opening answered ${status} ${String(body['code'])}`);
    return body['id'] as string;
  }

  list(query = ''): Promise<Answer> {
    return this.send('GET', `${PORTAL}${query}`);
  }

  get(id: string): Promise<Answer> {
    return this.send('GET', `${PORTAL}/${id}`);
  }

  say(id: string, text: string, clientMessageId: string = uuidv7()): Promise<Answer> {
    return this.send('POST', `${PORTAL}/${id}/messages`, { clientMessageId, text });
  }

  async history(id: string, query = ''): Promise<PortalHistory> {
    const { status, body } = await this.send('GET', `${PORTAL}/${id}/messages${query}`);
    if (status !== 200) throw new Error(`the history answered ${status} ${String(body['code'])}`);
    return body as unknown as PortalHistory;
  }

  /** The history once it has that many messages. */
  async settled(id: string, count: number): Promise<PortalHistory> {
    await until(async () => (await this.history(id)).messages.length >= count, `${count} messages`);
    return this.history(id);
  }

  empty(id: string): Promise<Answer> {
    return this.send('DELETE', `${PORTAL}/${id}`);
  }

  token(id: string): Promise<Answer> {
    return this.send('POST', `${PORTAL}/${id}/token`);
  }

  /** Opens the conversation's socket from a page of `origin`, by default the installation's own; null: from no browser. */
  connect(id: string, { origin = this.#url, since = 0 }: { origin?: string | null; since?: number } = {}) {
    const options = { path: `/chat/ws/${id}?since=${since}`, headers: { cookie: this.cookie } };
    return VisitorClient.connect(this.#url, origin ?? undefined, options);
  }
}
