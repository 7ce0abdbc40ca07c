import type { Page } from 'playwright-core';
import { v7 as uuidv7 } from 'uuid';
import { describe, expect, it } from 'vitest';
import { PDF, PNG, SOUND } from '../support/sampleFiles.ts';
import { DUE, useWidget } from './useWidget.ts';
import type { WidgetStub } from './widgetStub.ts';

const room = { name: 'room.png', mimeType: 'image/png', buffer: PNG };
const invoice = { name: 'invoice.pdf', mimeType: 'application/pdf', buffer: PDF };

/** The files of each message that came, by name. */
function sentFiles(stub: WidgetStub): string[][] {
  return stub.messages
    .filter(({ direction }) => direction === 'INBOUND')
    .map(({ attachments = [] }) => attachments.map(({ name }) => name));
}

async function pick(page: Page, ...files: (typeof room)[]): Promise<void> {
  const chooser = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Attach files' }).click();
  await (await chooser).setFiles(files);
}

/** Drops or pastes a picture as a person does, at the text box. */
async function bring(page: Page, how: 'drop' | 'paste', name: string): Promise<void> {
  await page.getByRole('textbox').evaluate(
    (box, { kind, bytes, called }) => {
      const data = new DataTransfer();
      data.items.add(new File([new Uint8Array(bytes)], called, { type: 'image/png' }));
      const init = { bubbles: true, composed: true, cancelable: true };
      if (kind === 'paste') box.dispatchEvent(new ClipboardEvent('paste', { ...init, clipboardData: data }));
      else
        for (const type of ['dragover', 'drop'])
          box.dispatchEvent(new DragEvent(type, { ...init, dataTransfer: data }));
    },
    { kind: how, bytes: [...PNG], called: name },
  );
}

describe('files in the widget', () => {
  const { startStub, openChat } = useWidget();

  it('shows what was picked, lets one be taken back, and sends the rest with the text', async () => {
    const stub = await startStub();
    const page = await openChat(stub);
    await pick(page, room, invoice);
    const tray = page.getByRole('list', { name: 'Attached files' });
    await expect.poll(() => tray.getByRole('listitem').allInnerTexts(), DUE).toHaveLength(2);
    await tray.getByRole('button', { name: 'Remove invoice.pdf' }).click();
    await page.getByRole('textbox').fill('My room');
    await page.getByRole('button', { name: 'Send message' }).click();
    await expect.poll(() => sentFiles(stub), DUE).toEqual([['room.png']]);
    expect(stub.sentTexts()).toEqual(['My room']);
    expect(await tray.count()).toBe(0);
    const picture = page.locator('.own .picture img');
    await expect.poll(() => picture.evaluate((image: HTMLImageElement) => image.naturalWidth), DUE).toBe(1);
    expect(await picture.getAttribute('alt')).toBe('room.png');
  });

  it('takes what is dropped or pasted, and sends files without a word', async () => {
    const stub = await startStub();
    const page = await openChat(stub);
    await bring(page, 'drop', 'dropped.png');
    await bring(page, 'paste', 'pasted.png');
    await page.getByRole('textbox').press('Enter');
    await expect.poll(() => sentFiles(stub), DUE).toEqual([['dropped.png', 'pasted.png']]);
    expect(await page.locator('.own .bubble').count()).toBe(0);
  });

  it('says in words what cannot be sent, before and after it was tried', async () => {
    const stub = await startStub();
    const page = await openChat(stub);
    await pick(page, { name: 'film.mp4', mimeType: 'video/mp4', buffer: Buffer.alloc(10 * 1024 * 1024 + 1) });
    const alert = page.locator('.feedback');
    await expect.poll(() => alert.innerText(), DUE).toBe('film.mp4 is larger than 10 MB.');
    await pick(page, { name: 'nothing.txt', mimeType: 'text/plain', buffer: Buffer.alloc(0) });
    await expect.poll(() => alert.innerText(), DUE).toBe('nothing.txt is empty.');
    await pick(page, ...Array.from({ length: 11 }, (_, index) => ({ ...room, name: `${index}.png` })));
    await expect.poll(() => alert.innerText(), DUE).toBe('You can send 10 files at a time.');
    stub.files.refusal = { status: 415, code: 'file_type_refused' };
    await page.getByRole('textbox').press('Enter');
    await expect.poll(() => page.locator('.failure').innerText(), DUE).toContain('Files of this type are not accepted');
    stub.files.refusal = undefined;
    await page.getByRole('button', { name: 'Try again' }).click();
    await expect.poll(() => sentFiles(stub).flat(), DUE).toHaveLength(10);
  });

  it('shows how far a file is, and keeps what is written after it behind it', async () => {
    const stub = await startStub();
    let open = () => {};
    stub.files.gate = new Promise((resolve) => {
      open = resolve;
    });
    const page = await openChat(stub);
    await pick(page, room);
    for (const text of ['First', 'Second']) {
      await page.getByRole('textbox').fill(text);
      await page.getByRole('textbox').press('Enter');
    }
    await expect.poll(() => stub.files.uploads.length, DUE).toBe(1);
    expect(await page.getByRole('progressbar', { name: 'Sending room.png' }).count()).toBe(1);
    expect(stub.sentTexts()).toEqual([]);
    open();
    await expect.poll(() => stub.sentTexts(), DUE).toEqual(['First', 'Second']);
    await expect.poll(() => page.getByRole('progressbar').count(), DUE).toBe(0);
  });

  it('waits with a file while there is no way to the server, and says so', async () => {
    const stub = await startStub();
    const page = await openChat(stub);
    await page.context().setOffline(true);
    stub.drop();
    await pick(page, room);
    await page.getByRole('textbox').press('Enter');
    await expect.poll(() => page.locator('[data-status="sending"]').count(), DUE).toBe(1);
    expect(stub.files.uploads).toEqual([]);
    await page.context().setOffline(false);
    await expect.poll(() => sentFiles(stub), DUE).toEqual([['room.png']]);
  });

  it("shows an agent's picture and recording where they stand, and opens what has a name", async () => {
    const stub = await startStub();
    const page = await openChat(stub);
    const keep = (name: string, type: string, bytes: Buffer) =>
      stub.files.keep({ id: uuidv7(), name, type, size: bytes.length, bytes });
    const attachments = [
      keep('plan.png', 'image/png', PNG),
      keep('voice.wav', 'audio/wav', SOUND),
      keep('offer.pdf', 'application/pdf', PDF),
    ];
    stub.say({ author: { kind: 'agent', name: 'Kim' }, text: 'All you need', attachments });
    const picture = page.locator('.site .picture img');
    await expect.poll(() => picture.evaluate((image: HTMLImageElement) => image.naturalWidth), DUE).toBe(1);
    expect(await page.locator('audio[aria-label="voice.wav"]').getAttribute('src')).toContain('/v1/files/');
    const opened = page.waitForEvent('popup');
    await page.getByRole('button', { name: /offer\.pdf/ }).click();
    expect((await opened).url()).toContain(`/v1/files/${attachments[2]?.id}`);
    expect(await page.locator('[aria-live="polite"]').innerText()).toContain('Kim: All you need, plan.png, voice.wav');
  });
});
