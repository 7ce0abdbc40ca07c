import { randomUUID } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Attachment } from '../../contracts/file.ts';
import { ORIGIN } from '../api/support/stack.ts';
import { freshToken, request } from '../api/support/visitor.ts';
import { PDF, PNG, VOICE } from '../support/sampleFiles.ts';
import { type DeskTenant, startTelegramStack, type TelegramStack, type Visit } from './fixtures/startTelegramStack.ts';

describe('files between a visitor and a topic', () => {
  let telegram: TelegramStack;
  let tenant: DeskTenant;
  let groupId: number;
  let visit: Visit;
  let token: string;

  beforeAll(async () => {
    telegram = await startTelegramStack();
  });
  beforeEach(() => open());
  afterAll(() => telegram.stop());

  /** A group of its own: its budget is the real one. Returns the bots that serve it. */
  async function open(otherBots = 0) {
    tenant = await telegram.tenant();
    const { botId, ...group } = await telegram.group();
    groupId = group.groupId;
    const bots = [{ botId, token: group.token }];
    while (bots.length <= otherBots) bots.push(await telegram.bot(groupId));
    const body = { groupId: String(groupId), botTokens: bots.map((bot) => bot.token) };
    await tenant.call('channels/telegram', { body });
    visit = await telegram.visit(tenant, groupId, `Hello ${randomUUID()}`);
    token = await freshToken(telegram.apiUrl, { siteKey: tenant.siteKey, origin: ORIGIN }, visit.conversationId);
    return bots.map((bot) => bot.botId);
  }

  async function upload(bytes: Buffer, name: string): Promise<string> {
    const form = new FormData();
    form.append('id', uuidv7());
    form.append('file', new Blob([new Uint8Array(bytes)]), name);
    const headers = { authorization: `Bearer ${token}`, origin: ORIGIN };
    const answer = await fetch(`${telegram.apiUrl}/v1/webchat/files`, { method: 'POST', headers, body: form });
    return ((await answer.json()) as Attachment).id;
  }

  function say(text: string, attachments: string[]): void {
    visit.visitor.send({ type: 'message', clientMessageId: uuidv7(), text, attachments });
  }

  /** Messages of the topic that carry files, the visitor's only. */
  async function inTopic() {
    const listed = await telegram.emulator.listMessages({ groupId, threadId: visit.threadId });
    return listed
      .map(({ message }) => message)
      .filter(({ photo, document, voice, from }) => from?.is_bot && (photo ?? document ?? voice));
  }

  async function textsInTopic(): Promise<string> {
    const listed = await telegram.emulator.listMessages({ groupId, threadId: visit.threadId });
    return listed.map(({ message }) => message.text ?? '').join('\n');
  }

  async function bytesOf({ id }: Attachment): Promise<Buffer> {
    const link = await request(`${telegram.apiUrl}/v1/webchat/files/${id}/link`, { token, origin: ORIGIN });
    return Buffer.from(await (await fetch(`${telegram.apiUrl}${String(link.body['url'])}`)).arrayBuffer());
  }

  const fromAgent = (text: string) =>
    visit.visitor.next('message', (said) => said.author.kind === 'agent' && said.text === text);

  it('puts pictures, recordings and documents of a visitor into the topic, with what was said', async () => {
    say('My room', [await upload(PNG, 'room.png')]);
    await expect.poll(async () => (await inTopic()).length, { timeout: 15_000 }).toBe(1);
    say('', [await upload(VOICE, 'voice.ogg')]);
    say('The invoice', [await upload(PDF, 'invoice.pdf')]);
    await expect.poll(async () => (await inTopic()).length, { timeout: 15_000 }).toBe(3);
    const [photo, voice, document] = await inTopic();
    expect(photo).toMatchObject({ photo: [{ file_size: PNG.length }], caption: expect.stringMatching(/: My room$/) });
    expect(voice).toMatchObject({ voice: { file_size: VOICE.length } });
    expect(document).toMatchObject({
      document: { file_name: 'invoice.pdf' },
      caption: expect.stringMatching(/invoice$/),
    });
  });

  it('sends files of one message as an album, in their order', async () => {
    const before = (await inTopic()).length;
    say('Three rooms', [await upload(PNG, '1.png'), await upload(PNG, '2.png'), await upload(PNG, '3.png')]);
    await expect.poll(async () => (await inTopic()).length, { timeout: 15_000 }).toBe(before + 3);
    const album = (await inTopic()).slice(before);
    expect(album[0]?.caption).toMatch(/: Three rooms$/);
    expect(album.slice(1).map(({ caption }) => caption)).toEqual([undefined, undefined]);
  });

  it('sends a text that is too long for a caption before its file', async () => {
    const long = `Long story. ${'word '.repeat(300)}`;
    const before = (await inTopic()).length;
    say(long, [await upload(PDF, 'story.pdf')]);
    await expect.poll(async () => (await inTopic()).length, { timeout: 15_000 }).toBe(before + 1);
    const listed = await telegram.emulator.listMessages({ groupId, threadId: visit.threadId });
    const texts = listed.map(({ message }) => message.text ?? `[${message.document?.file_name}]`);
    expect(texts.at(-2)).toContain('Long story. word word');
    expect(texts.at(-1)).toBe('[story.pdf]');
  });

  it('sends as a document what Telegram does not take as a picture', async () => {
    await telegram.emulator.injectFault({
      kind: 'refuse',
      method: 'sendPhoto',
      code: 400,
      description: 'Bad Request: PHOTO_INVALID_DIMENSIONS',
    });
    const before = (await inTopic()).length;
    say('A very long picture', [await upload(PNG, 'long.png')]);
    await expect.poll(async () => (await inTopic()).length, { timeout: 15_000 }).toBe(before + 1);
    expect((await inTopic()).at(-1)).toMatchObject({ document: { file_name: 'long.png' } });
  });

  it("gives the visitor an agent's picture, document and voice message, and keeps them when Telegram does not", async () => {
    const place = { groupId, threadId: visit.threadId };
    await telegram.emulator.postPhoto({ ...place, base64: PNG.toString('base64'), caption: 'Like this' });
    const photo = await fromAgent('Like this');
    expect(photo.attachments).toEqual([expect.objectContaining({ name: 'photo.png', type: 'image/png' })]);
    await telegram.emulator.postDocument({
      ...place,
      ...{ base64: PDF.toString('base64'), fileName: 'offer.pdf', caption: 'Our offer' },
    });
    const document = await fromAgent('Our offer');
    expect(document.attachments).toEqual([
      expect.objectContaining({ name: 'offer.pdf', type: 'application/pdf', size: PDF.length }),
    ]);
    await telegram.emulator.postVoice({ ...place, base64: VOICE.toString('base64'), caption: 'Listen' });
    const voice = await fromAgent('Listen');
    expect(voice.attachments).toEqual([expect.objectContaining({ name: 'voice.ogg', type: 'audio/ogg' })]);
    const [attachment] = document.attachments ?? [];
    await telegram.emulator.injectFault({ kind: 'refuse', method: 'getFile', count: 100, code: 400 });
    expect(attachment && (await bytesOf(attachment))).toEqual(PDF);
    await telegram.emulator.clearFaults();
  });

  it.each(['revoked', 'throttled', 'out of reach', 'told of nothing'] as const)(
    "gives the visitor an agent's file by another bot while the first is %s",
    async (state) => {
      const [botId = 0] = await open(1);
      const refused = { method: 'getFile', botId, count: 1_000 } as const;
      if (state === 'revoked') await telegram.emulator.revokeToken({ botId });
      if (state === 'throttled')
        await telegram.emulator.injectFault({ ...refused, kind: 'retryAfter', seconds: 10_000 });
      if (state === 'out of reach') await telegram.emulator.injectFault({ ...refused, kind: 'serverError' });
      if (state === 'told of nothing') await telegram.emulator.injectFault({ ...refused, kind: 'refuse', code: 400 });
      const file = { base64: PDF.toString('base64'), fileName: 'offer.pdf', caption: `Our offer, ${state}` };
      await telegram.emulator.postDocument({ groupId, threadId: visit.threadId, ...file });
      const [attachment] = (await fromAgent(file.caption)).attachments ?? [];
      expect(attachment && (await bytesOf(attachment))).toEqual(PDF);
      await telegram.emulator.clearFaults();
    },
  );

  it('puts an album of a visitor into the topic of several bots once, in order, though one of them is revoked', async () => {
    const [botId = 0] = await open(2);
    say('Before', [await upload(PDF, 'before.pdf')]);
    await expect.poll(async () => (await inTopic()).length, { timeout: 15_000 }).toBe(1);
    await telegram.emulator.revokeToken({ botId });
    const names = ['1.pdf', '2.pdf', '3.pdf', '4.pdf'];
    say('Four papers', await Promise.all(names.map((name) => upload(PDF, name))));
    say('And a picture', [await upload(PNG, 'room.png')]);
    await expect.poll(async () => (await inTopic()).at(-1)?.photo, { timeout: 20_000 }).toBeDefined();
    const sent = await inTopic();
    expect(sent.map(({ document }) => document?.file_name)).toEqual(['before.pdf', ...names, undefined]);
    expect(sent.map(({ caption }) => caption?.replace(/^.*: /, ''))).toEqual([
      ...['Before', 'Four papers', undefined, undefined, undefined],
      'And a picture',
    ]);
    expect(sent.slice(1).map(({ from }) => from?.id)).not.toContain(botId);
  });

  it("puts an agent's album together, and says after it what was said after it", async () => {
    const place = { groupId, threadId: visit.threadId, mediaGroupId: '77' };
    const base64 = PNG.toString('base64');
    for (const caption of ['Two views', undefined]) await telegram.emulator.postPhoto({ ...place, base64, caption });
    await telegram.emulator.postMessage({ groupId, threadId: visit.threadId, text: 'Which one?' });
    await fromAgent('Which one?');
    const said = visit.visitor.messages().filter(({ author }) => author.kind === 'agent');
    expect(said.slice(-2).map(({ text, attachments = [] }) => [text, attachments.length])).toEqual([
      ['Two views', 2],
      ['Which one?', 0],
    ]);
  });

  it("keeps an agent's album to the agents whose caption is a note or a mistyped command, also when it becomes one", async () => {
    const place = { groupId, threadId: visit.threadId };
    const post = (mediaGroupId: string, caption?: string) =>
      telegram.emulator.postPhoto({ ...place, base64: PNG.toString('base64'), mediaGroupId, caption });
    for (const caption of [undefined, '/note customer is a fraud']) await post('78', caption);
    for (const caption of ['/clsoe', undefined]) await post('79', caption);
    await post('80', 'Two views');
    const { messageId } = await post('80');
    const album = await fromAgent('Two views');
    const edited = (text: string) => telegram.emulator.editMessage({ groupId, messageId, text });
    await edited('/note not for them');
    await edited('The second one');
    const edits = () => visit.visitor.frames.filter((frame) => frame.type === 'message_edited');
    await expect.poll(edits, { timeout: 10_000 }).toMatchObject([{ id: album.id, text: 'Two views\nThe second one' }]);
    const said = visit.visitor.messages().filter(({ author }) => author.kind === 'agent');
    expect(said.map(({ text, attachments = [] }) => [text, attachments.length])).toEqual([['Two views', 2]]);
    await expect.poll(textsInTopic, { timeout: 10_000 }).toContain('There is no such command');
  });

  it('tells the agent who replaces a file that the visitor keeps the first one', async () => {
    const place = { groupId, threadId: visit.threadId };
    const base64 = PNG.toString('base64');
    const { messageId } = await telegram.emulator.postPhoto({ ...place, base64, caption: 'The wrong one' });
    await fromAgent('The wrong one');
    await telegram.emulator.editMedia({ groupId, messageId, kind: 'document', base64: PDF.toString('base64') });
    await expect.poll(textsInTopic, { timeout: 10_000 }).toContain('Only the words of a message can be changed');
  });

  it('tells the agent, in the topic, of a file that the visitor will not get', async () => {
    const place = { groupId, threadId: visit.threadId };
    const large = Buffer.concat([PDF, Buffer.alloc(21 * 1024 * 1024)]).toString('base64');
    const program = Buffer.from('MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff\0\0', 'latin1').toString('base64');
    await telegram.emulator.postDocument({ ...place, base64: large, fileName: 'film.pdf' });
    await telegram.emulator.postDocument({ ...place, base64: program, fileName: 'setup.exe', caption: 'Run this' });
    await expect.poll(textsInTopic, { timeout: 15_000 }).toContain('larger than the 20 MB');
    await expect.poll(textsInTopic, { timeout: 15_000 }).toContain('files of this type are not passed on');
    expect((await fromAgent('Run this')).attachments).toBeUndefined();
  });
});
