import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { createRecordActivities } from '../../activities/recordTurn.ts';
import { getSiteByKey } from '../../db/queries/getSiteByKey.ts';
import { turnOf, visitorSays } from '../db/fixtures/turns.ts';
import { wordsOf } from '../db/fixtures/wordsOf.ts';
import { type Stack, startStack } from './support/stack.ts';
import { openConversation, request } from './support/visitor.ts';

describe('an instance that is stopped', () => {
  let stack: Stack;

  beforeAll(async () => {
    stack = await startStack();
  });
  afterAll(() => stack.stop());

  /** A client that says who it is and then reads nothing any more. */
  async function deafClient(url: string, token: string): Promise<WebSocket> {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/v1/ws`);
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    socket.send(JSON.stringify({ type: 'auth', token }));
    await new Promise((resolve) => socket.once('message', resolve));
    socket.pause();
    return socket;
  }

  /** More than the buffers between server and client hold. */
  async function recordLongTranscript(conversationId: string): Promise<void> {
    const site = await getSiteByKey(stack.db, stack.site.siteKey, 'development');
    if (!site) throw new Error('The site is missing');
    const { recordTurn } = createRecordActivities({
      db: stack.db,
      words: wordsOf(stack.db),
      hub: { publish: async () => {} },
    });
    const messages = Array.from({ length: 8_000 }, () => visitorSays('x'.repeat(1_500)));
    await recordTurn(turnOf({ ...site, siteKey: site.key }, conversationId, { messages }));
  }

  it('refuses what is new with shutting_down while it says goodbye', async () => {
    const api = await stack.startApi();
    const { token } = await openConversation(api.url, stack.site);
    // It does not answer the goodbye, so there is a while to look at.
    const deaf = await deafClient(api.url, token);
    const closing = api.close();
    const refused = () => request(`${api.url}/health`);
    await expect.poll(async () => (await refused()).status).toBe(503);
    const answer = await refused();
    expect(answer.body).toMatchObject({ code: 'shutting_down', status: 503, retryAfter: 1 });
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    await closing;
    deaf.terminate();
  });

  it('does not wait for a connection on which nothing was asked', async () => {
    const api = await stack.startApi();
    const silent = connect(Number(new URL(api.url).port), '127.0.0.1');
    await once(silent, 'connect');
    await request(`${api.url}/health`);
    await api.close();
    silent.destroy();
  });

  it('does not wait for a client that reads its transcript slowly', async () => {
    const api = await stack.startApi();
    const { token, conversationId } = await openConversation(api.url, stack.site);
    await recordLongTranscript(conversationId);
    const slow = await deafClient(api.url, token);
    const began = Date.now();
    await api.close();
    expect(Date.now() - began).toBeLessThan(6_000);
    slow.terminate();
  });
});
