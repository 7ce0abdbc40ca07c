import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openMailer } from '../../runtime/mail/openMailer.ts';
import { type MailServer, startMailServer } from '../api/people/support/startMailServer.ts';

const MAIL = { to: 'somebody@mail.example', subject: 'A subject', text: 'Line one\n\nLine two' };
const MAIL_FROM = 'Parley <desk@mail.example>';

let folder: string;
let server: MailServer;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-mail-'));
  server = await startMailServer();
});
afterEach(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

it('hands mails to the SMTP server', async () => {
  await openMailer({ MAIL_FROM, SMTP_URL: server.url }).send(MAIL);
  const { text } = await server.next(MAIL.to);
  expect(text).toMatch(/From: Parley <desk@mail\.example>/);
  expect(text).toMatch(/Subject: A subject/);
  expect(text).toMatch(/Line one\r\n\r\nLine two/);
});

it('names neither address nor words when the server refuses or is away', async () => {
  const mailer = openMailer({ MAIL_FROM, SMTP_URL: server.url });
  server.refuse();
  await expect(mailer.send(MAIL)).rejects.toMatchObject({
    code: 'mail_unavailable',
    message: 'The mail could not be sent (SMTP 550).',
  });
  const away = openMailer({ MAIL_FROM, SMTP_URL: 'smtp://127.0.0.1:9' });
  await expect(away.send(MAIL)).rejects.toMatchObject({ code: 'mail_unavailable' });
});

it('writes mails to a folder for their owner alone', async () => {
  const inbox = join(folder, 'mail');
  await openMailer({ MAIL_FROM, MAIL_FOLDER: inbox }).send(MAIL);
  const [name = ''] = await readdir(inbox);
  expect(await readFile(join(inbox, name), 'utf8')).toBe(
    'To: somebody@mail.example\nSubject: A subject\n\nLine one\n\nLine two\n',
  );
  expect((await stat(join(inbox, name))).mode & 0o777).toBe(0o600);
});

it('refuses mails where there is nobody to take them', async () => {
  await expect(openMailer({ MAIL_FROM }).send(MAIL)).rejects.toMatchObject({ code: 'mail_unavailable' });
});
