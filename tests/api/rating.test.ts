import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningApi } from '../../api/startApi.ts';
import { WebhookReceiver } from '../support/webhookReceiver.ts';
import { ORIGIN, SERVICE_TOKEN, type Stack, startStack } from './support/stack.ts';
import { freshToken, openConversation, request, VisitorClient } from './support/visitor.ts';

describe('what a visitor says of a conversation', () => {
  let stack: Stack;
  let api: RunningApi;
  let receiver: WebhookReceiver;
  let stopWorker: () => Promise<void>;

  beforeAll(async () => {
    stack = await startStack();
    [api, receiver] = [await stack.startApi(), await WebhookReceiver.start()];
    stopWorker = await stack.startWorker();
  });
  afterAll(async () => {
    await receiver.stop();
    await stack.stop();
  });

  const admin = (path: string, body: unknown) => request(`${api.url}/v1/admin/${path}`, { token: SERVICE_TOKEN, body });
  const post = (token: string, body: unknown) =>
    request(`${api.url}/v1/webchat/rating`, { origin: ORIGIN, token, body });
  const close = (conversationId: string) =>
    admin(`conversations/${conversationId}/close`, { agent: { id: 'desk:1', name: 'Robin' } });
  const renew = (conversationId: string) => freshToken(api.url, stack.site, conversationId);

  it('is a rating of each closing, told once to every tab and every subscriber', async () => {
    const path = `/${randomUUID()}`;
    const hook = { url: `${receiver.url}${path}`, events: ['conversation.rated', 'conversation.closed'] };
    expect((await admin('webhooks', hook)).status).toBe(201);
    const { token, conversationId } = await openConversation(api.url, stack.site);
    const visitor = await VisitorClient.join(api.url, token);
    const otherTab = await VisitorClient.join(api.url, await renew(conversationId));
    await visitor.ack(visitor.say('That is all'));
    await visitor.message('Hello!');

    visitor.send({ type: 'rate', rating: 4 });
    expect(await visitor.error('conversation_open')).toMatchObject({ frame: 'rate' });
    expect(await post(token, { rating: 4 })).toMatchObject({ status: 409, body: { code: 'conversation_open' } });

    await close(conversationId);
    await visitor.next('conversation_closed');
    visitor.send({ type: 'rate', rating: 4 });
    await visitor.next('rated');
    expect(await otherTab.next('rated')).toEqual({ type: 'rated', rating: 4 });
    expect(await post(token, { rating: 1 })).toMatchObject({ status: 200, body: { rating: 4 } });
    const afterReload = await VisitorClient.join(api.url, await renew(conversationId));
    expect(await afterReload.next('ready')).toMatchObject({ closed: { rating: 4 } });

    await visitor.ack(visitor.say('One more thing'));
    await visitor.message('One more thing');
    await close(conversationId);
    const page = await request(`${api.url}/v1/conversations/${conversationId}/messages`, { origin: ORIGIN, token });
    expect(page.body['closed']).toEqual({ rating: null });
    expect(await post(token, { rating: 2 })).toMatchObject({ status: 200, body: { rating: 2 } });

    const told = (await receiver.settled(path, 4)).map(
      ({ body }) => JSON.parse(body) as { type: string; data: object },
    );
    const ratings = told.filter(({ type }) => type === 'conversation.rated').map(({ data }) => data);
    expect(ratings).toHaveLength(2);
    expect(ratings).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ conversationId, rating: 4 }),
        expect.objectContaining({ conversationId, rating: 2 }),
      ]),
    );
    for (const client of [visitor, otherTab, afterReload]) client.leave();
  });

  it('is refused when it is none, of a conversation that is not there, or as often as messages are', async () => {
    const { token } = await openConversation(api.url, stack.site);
    const visitor = await VisitorClient.join(api.url, await openConversation(api.url, stack.site).then((o) => o.token));
    visitor.send({ type: 'rate', rating: 6 });
    expect(await visitor.error('invalid_request')).toMatchObject({ frame: 'rate' });
    visitor.leave();
    for (const rating of [0, 6, 2.5, '5', null]) {
      expect(await post(token, { rating })).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
    }
    expect(await post('nonsense', { rating: 5 })).toMatchObject({ status: 401, body: { code: 'token_invalid' } });
    expect(await post(token, { rating: 5 })).toMatchObject({ status: 404, body: { code: 'conversation_not_found' } });
    const answers = await Promise.all(Array.from({ length: 30 }, () => post(token, { rating: 5 })));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([404, 429]));
  });

  it('may answer a message of the conversation, and of no other', async () => {
    const stranger = await openConversation(api.url, stack.site);
    const theirs = await VisitorClient.join(api.url, stranger.token);
    theirs.say('Mine');
    const { id: foreign } = await theirs.message('Mine');
    theirs.leave();

    const { token, conversationId } = await openConversation(api.url, stack.site);
    const visitor = await VisitorClient.join(api.url, token);
    visitor.say('Hi');
    const { id: greeting } = await visitor.message('Hello!');
    const say = (text: string, replyTo: string) =>
      visitor.send({ type: 'message', clientMessageId: randomUUID(), text, replyTo });
    say('To you', greeting.toUpperCase());
    say('To another', foreign);
    expect((await visitor.message('To you')).replyTo).toEqual({ messageId: greeting });
    expect(await visitor.message('To another')).not.toHaveProperty('replyTo');
    const body = { clientMessageId: randomUUID(), text: 'By HTTP', replyTo: greeting };
    await request(`${api.url}/v1/webchat/message`, { origin: ORIGIN, token, body });
    expect((await visitor.message('By HTTP')).replyTo).toEqual({ messageId: greeting });
    say('To what is no id', 'the first one');
    await visitor.error('invalid_request');
    visitor.leave();
    const again = await VisitorClient.join(api.url, await renew(conversationId));
    const theirOwn = again.messages().filter(({ direction }) => direction === 'INBOUND');
    expect(theirOwn.map(({ replyTo }) => replyTo?.messageId)).toEqual([undefined, greeting, undefined, greeting]);
    again.leave();
  });

  it('holds up no message while no worker takes it, and is refused then', async () => {
    const { token, conversationId } = await openConversation(api.url, stack.site);
    const visitor = await VisitorClient.join(api.url, token);
    visitor.say('That is all');
    await visitor.message('Hello!');
    await close(conversationId);
    await visitor.next('conversation_closed');
    await stopWorker();
    visitor.send({ type: 'rate', rating: 4 });
    const ids = ['One more thing', 'And another'].map((text) => visitor.say(text));
    expect(await visitor.error('engine_unavailable')).toMatchObject({ frame: 'rate', retryAfter: 2 });
    const answers = visitor.frames.flatMap((frame) => {
      if (frame.type === 'ack') return [frame.clientMessageId];
      return frame.type === 'error' ? [frame.frame] : [];
    });
    expect(answers.slice(-3)).toEqual([...ids, 'rate']);
    await stack.startWorker();
    await visitor.message('And another');
    visitor.leave();
  });
});
