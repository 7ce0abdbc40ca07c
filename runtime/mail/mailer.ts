/** A message in plain text. It may hold a token: whoever handles it keeps it out of logs. */
export interface Mail {
  to: string;
  subject: string;
  text: string;
}

export interface Mailer {
  /** Throws `mail_unavailable` when nobody took the mail. */
  send(mail: Mail): Promise<void>;
}
