import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import proto from '@temporalio/proto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RunningApi } from '../../api/startApi.ts';
import { createTemporalEngine } from '../../api/temporalEngine.ts';
import { DEFAULT_TENANT_ID } from '../../contracts/workflowId.ts';
import { openKeys } from '../../runtime/openKeys.ts';
import { createEngineClient } from '../../temporal/connect.ts';
import { isReadable } from '../support/isReadable.ts';
import { createOwnDatabase, type OwnDatabase } from '../support/ownDatabase.ts';
import { plainText } from '../support/plainText.ts';
import { placesOf, readEverything } from '../support/readEverything.ts';
import { SERVICE_TOKEN, type Stack, startStack } from './support/stack.ts';
import { openConversation, request, VisitorClient } from './support/visitor.ts';

const { GetWorkflowExecutionHistoryResponse } = proto.temporal.api.workflowservice.v1;

/** What people say: unreadable for whoever gets a copy of the database or of Temporal's. */
const WORDS = {
  question: 'Why is my insulin late again?',
  agentText: 'I am calling the pharmacy now.',
  note: 'Sounds desperate to me',
};
/** What a list of conversations shows: under row level security, but not sealed. */
const TITLE = 'Late delivery of Wilhelmina';
const PASSWORD = 'quite-a-long-password-of-hers';

const secret = (name: string) => `${name}-${randomBytes(24).toString('hex')}`;
const SECRETS: Record<string, string> = {
  botToken: `5000000009:${secret('bot')}`,
  headerSecret: secret('header'),
  webhookSecret: secret('webhook'),
  identitySecret: secret('identity'),
  clientSecret: secret('client'),
  serviceToken: SERVICE_TOKEN,
  password: PASSWORD,
};

let database: OwnDatabase;
let mails: string;
let stack: Stack;
let api: RunningApi;

beforeAll(async () => {
  database = await createOwnDatabase();
  mails = await mkdtemp(join(tmpdir(), 'parley-mails-'));
  stack = await startStack({ databaseUrl: database.appUrl });
  api = await stack.startApi({ MAIL_FOLDER: mails });
  await stack.startWorker();
});
afterAll(async () => {
  await stack?.stop();
  await database?.drop();
  if (mails) await rm(mails, { recursive: true });
});

async function admin(path: string, body?: unknown, method?: string): Promise<Record<string, unknown>> {
  const answer = await request(`${api.url}/v1/admin/${path}`, { token: SERVICE_TOKEN, body, method });
  if (answer.status >= 300) throw new Error(`${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body;
}

/** A tenant with everything that has a secret. */
async function configure(): Promise<void> {
  const { botToken, headerSecret, webhookSecret, identitySecret, clientSecret } = SECRETS;
  await admin('channels', {
    type: 'telegram',
    channelId: '-1007',
    status: 'disabled',
    secrets: { botTokens: [botToken], headerSecret },
    webhookSecret,
  });
  const site = {
    name: 'Shop',
    allowedOrigins: ['https://known.example'],
    identity: { mode: 'secret' },
    identitySecret,
  };
  await admin('sites', site);
  const provider = {
    slug: 'acme',
    issuer: 'https://id.example',
    clientId: 'parley',
    defaultRole: 'agent',
    clientSecret,
  };
  await admin('identity-provider', provider, 'PUT');
  const { key } = await admin('api-keys', { name: 'Import', scopes: ['conversations:read'] });
  SECRETS['apiKey'] = String(key);
}

/** A person with a password, a session and a second factor. */
async function invite(): Promise<void> {
  await admin('invitations', { email: 'agent@example.com', role: 'agent' });
  const [mail = ''] = await Promise.all((await readdir(mails)).map((name) => readFile(join(mails, name), 'utf8')));
  const token = /#token=([\w-]+)/.exec(mail)?.[1] ?? '';
  SECRETS['invitation'] = token;
  let cookie = '';
  const auth = async (path: string, body: object): Promise<Record<string, unknown>> => {
    const headers = { cookie, origin: api.url };
    const answer = await request(`${api.url}/api/auth/${path}`, { body, headers });
    if (answer.status >= 300) throw new Error(`${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    cookie =
      answer.headers
        .getSetCookie()
        .map((line) => line.split(';')[0])
        .join('; ') || cookie;
    return answer.body;
  };
  await auth('invitations/accept', { token, account: { name: 'Agent', password: PASSWORD } });
  await auth('sign-in', { email: 'agent@example.com', password: PASSWORD });
  SECRETS['sessionCookie'] = cookie.split('=').slice(1).join('=');
  const { uri, recoveryCodes } = await auth('totp/enrol', { password: PASSWORD });
  SECRETS['totp'] = new URL(String(uri)).searchParams.get('secret') ?? '';
  for (const [index, code] of (recoveryCodes as string[]).entries()) SECRETS[`recoveryCode${index}`] = code;
}

async function converse(): Promise<void> {
  const { token, conversationId } = await openConversation(api.url, stack.site);
  SECRETS['visitorToken'] = token;
  const visitor = await VisitorClient.join(api.url, token);
  await visitor.ack(visitor.say(WORDS.question));
  await visitor.message(WORDS.question);
  const ref = { tenantId: DEFAULT_TENANT_ID, conversationId };
  const agent = { id: 'desk:1', name: 'Robin' };
  const client = clientWith(openKeys(stack.env, stack.db).codec);
  await createTemporalEngine(client).signalAgentMessage(ref, { key: 'tg:1:1', agent, text: WORDS.agentText });
  await client.connection.close();
  await visitor.message(WORDS.agentText);
  await admin(`conversations/${conversationId}/rename`, { agent, title: TITLE });
  await admin(`conversations/${conversationId}/note`, { agent, text: WORDS.note });
  await admin(`conversations/${conversationId}/close`, { agent });
  visitor.leave();
}

const clientWith = (codec: typeof plainText) =>
  createEngineClient({ address: stack.env.TEMPORAL_ADDRESS, namespace: stack.env.TEMPORAL_NAMESPACE }, codec);

/** Every event of every workflow, as Temporal keeps it. */
async function histories({ workflow, workflowService }: Client): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const { workflowId, runId } of workflow.list()) {
    const request = { namespace: 'default', execution: { workflowId, runId } };
    const history = await workflowService.getWorkflowExecutionHistory(request);
    expect(history.nextPageToken ?? []).toHaveLength(0);
    parts.push(GetWorkflowExecutionHistoryResponse.encode(history).finish());
  }
  return Buffer.concat(parts);
}

test('neither the database nor the histories hold a secret or a word that was said in clear', async () => {
  await configure();
  await invite();
  await converse();

  const everything = await readEverything(database.ownerUrl);
  // It reads what there is, of every tenant, and would find words: it finds those that are meant to be readable.
  expect(placesOf(everything, TITLE)).toEqual(['public.conversations.title']);
  expect(placesOf(everything, 'agent@example.com').sort()).toEqual(['people.users.email', 'public.invitations.email']);
  for (const column of ['messages.content', 'conversation_notes.text', 'channel_connections.secrets']) {
    expect(everything.get(`public.${column}`)?.length).toBeGreaterThan(28);
  }
  const hidden = { ...SECRETS, ...WORDS };
  expect(Object.values(hidden).filter((value) => value.length < 6)).toEqual([]);
  const readable = Object.entries(hidden).flatMap(([name, value]) =>
    placesOf(everything, value).map((place) => `${name} in ${place}`),
  );
  expect(readable).toEqual([]);

  const raw = clientWith(plainText);
  const kept = await histories(raw);
  await raw.connection.close();
  expect(kept.includes('agentMessage')).toBe(true);
  const inHistories = { ...hidden, title: TITLE };
  expect(
    Object.keys(inHistories).filter((name) => isReadable(kept, inHistories[name as keyof typeof inHistories])),
  ).toEqual([]);
});
