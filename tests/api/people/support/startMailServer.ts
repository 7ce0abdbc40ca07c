import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { SMTPServer } from 'smtp-server';

interface ReceivedMail {
  to: string[];
  /** As it came over the wire, lines joined as quoted-printable says. */
  text: string;
}

/** An SMTP server on a free port that keeps what it is given. */
export interface MailServer {
  url: string;
  mails: ReceivedMail[];
  /** The next mail to the address, waited for; each is given once. */
  next(to: string): Promise<ReceivedMail>;
  /** The token behind the `#token=` of the next mail to the address. */
  nextToken(to: string): Promise<string>;
  /** Refuses every recipient from here on, in words that quote it. */
  refuse(): void;
  stop(): Promise<void>;
}

const WAIT_MS = 8_000;

export async function startMailServer(): Promise<MailServer> {
  const mails: ReceivedMail[] = [];
  let refusing = false;
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onRcptTo({ address }, _session, callback) {
      callback(refusing ? Object.assign(new Error(`No mailbox ${address}`), { responseCode: 550 }) : null);
    },
    onData(stream, { envelope }, callback) {
      let text = '';
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      stream.on('end', () => {
        mails.push({ to: envelope.rcptTo.map(({ address }) => address), text: unquote(text) });
        callback();
      });
    },
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.server.address() as AddressInfo;

  async function next(to: string): Promise<ReceivedMail> {
    const deadline = Date.now() + WAIT_MS;
    while (Date.now() < deadline) {
      const index = mails.findIndex((mail) => mail.to.includes(to));
      const [mail] = index < 0 ? [] : mails.splice(index, 1);
      if (mail) return mail;
      await sleep(10);
    }
    throw new Error(`no mail to ${to}`);
  }

  return {
    url: `smtp://127.0.0.1:${port}`,
    mails,
    next,
    async nextToken(to) {
      const [, token] = /#token=([\w-]+)/.exec((await next(to)).text) ?? [];
      if (!token) throw new Error('the mail has no token');
      return token;
    },
    refuse() {
      refusing = true;
    },
    stop: () => new Promise((resolve) => server.close(resolve)),
  };
}

function unquote(text: string): string {
  return text.replaceAll('=\r\n', '').replaceAll('=3D', '=');
}
