import { createTransport } from 'nodemailer';
import { CodedError } from '../../contracts/errors.ts';
import type { Mailer } from './mailer.ts';

/** Nobody waits for a mail server longer than this, in each of the steps of a delivery. */
const TIMEOUT_MS = 10_000;

/** Hands mails to the SMTP server of a URL like `smtps://user:password@mail.example:465`. */
export function createSmtpMailer({ url, from }: { url: string; from: string }): Mailer {
  const transport = createTransport({
    url,
    connectionTimeout: TIMEOUT_MS,
    greetingTimeout: TIMEOUT_MS,
    socketTimeout: TIMEOUT_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    async send(mail) {
      await transport.sendMail({ from, ...mail }).catch((error: unknown) => {
        // A server's refusal quotes the address: only its number may get into a log.
        throw new CodedError('mail_unavailable', `The mail could not be sent${reasonOf(error)}.`, {
          retryAfterSeconds: 60,
        });
      });
    },
  };
}

function reasonOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return '';
  if ('responseCode' in error && typeof error.responseCode === 'number') return ` (SMTP ${error.responseCode})`;
  return 'code' in error && typeof error.code === 'string' ? ` (${error.code})` : '';
}
