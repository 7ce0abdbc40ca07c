import type { Env } from '../../config/env.ts';
import { CodedError } from '../../contracts/errors.ts';
import { createFolderMailer } from './folderMailer.ts';
import type { Mailer } from './mailer.ts';
import { createSmtpMailer } from './smtpMailer.ts';

/** SMTP_URL's server, else MAIL_FOLDER. With neither every mail is refused, which whoever asked for it is told. */
export function openMailer({
  SMTP_URL,
  MAIL_FROM,
  MAIL_FOLDER,
}: Pick<Env, 'SMTP_URL' | 'MAIL_FROM' | 'MAIL_FOLDER'>): Mailer {
  if (SMTP_URL) return createSmtpMailer({ url: SMTP_URL, from: MAIL_FROM });
  if (MAIL_FOLDER) return createFolderMailer(MAIL_FOLDER);
  return {
    async send() {
      throw new CodedError('mail_unavailable', 'No mail server is configured (SMTP_URL).');
    },
  };
}
