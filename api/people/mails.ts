import type { Mail } from '../../runtime/mail/mailer.ts';

interface Addressee {
  email: string;
  name: string;
}

/** The token is behind the `#`: no server gets to see it, so none can log it. */
export function passwordResetMail({ email, name }: Addressee, token: string, publicUrl: string): Mail {
  return {
    to: email,
    subject: 'Your new Parley password',
    text: [
      `Hello ${singleLine(name)},`,
      'somebody, hopefully you, asked for a new password. Within 30 minutes, choose one here:',
      `${publicUrl}/console/reset-password#token=${token}`,
      'If it was not you, you need not do anything.',
    ].join('\n\n'),
  };
}

/** Sent once; whoever has the link may take the place. */
export function invitationMail(email: string, tenantName: string, token: string, publicUrl: string): Mail {
  return {
    to: email,
    subject: `Your invitation to ${singleLine(tenantName)}`,
    text: [
      `You are invited to work with ${singleLine(tenantName)} in Parley. Within 7 days, accept here:`,
      `${publicUrl}/console/invitation#token=${token}`,
      'If you expected no invitation, you need not do anything.',
    ].join('\n\n'),
  };
}

/** A name that others chose must not write lines of its own into our mail. */
function singleLine(name: string): string {
  return name.replace(/\s+/g, ' ').trim();
}
