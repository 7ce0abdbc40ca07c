/** Every word of the widget that is not the site's own. */
export const copy = {
  open: 'Open chat',
  close: 'Close chat',
  unread: (count: number) => (count === 1 ? '1 unread message' : `${count} unread messages`),
  dialog: (title: string) => title || 'Chat',
  placeholder: 'Write a message…',
  placeholderClosed: 'Write to reopen the conversation…',
  send: 'Send message',
  newMessages: 'New messages',
  typing: 'is typing',
  online: 'Online',
  connecting: 'Connecting…',
  reconnecting: 'Connection lost. Trying again…',
  offline: 'You are offline. Messages will be sent when you are back.',
  refused: 'Chat is not available on this page.',
  helping: (agent: string) => `${agent} is helping you`,
  joined: (agent: string) => (agent ? `${agent} joined the conversation` : 'A colleague joined the conversation'),
  closedNote: 'Conversation closed',
  ai: 'AI assistant',
  agent: 'Support',
  bot: 'Assistant',
  sources: 'Sources',
  today: 'Today',
  yesterday: 'Yesterday',
  status: { sending: 'Sending…', sent: 'Sent', delivered: 'Delivered', read: 'Read', failed: 'Not sent' },
  retry: 'Try again',
  remove: 'Remove',
  tooLong: (over: number) => `${over.toLocaleString()} characters too long`,
  queueFull: 'Too many messages are waiting to be sent. Your text stays here: try again when you are back online.',
  poweredBy: 'Powered by',
  quickReplies: 'Suggested replies',
  dismiss: 'Dismiss',
} as const;

const FAILURES: Record<string, string> = {
  message_too_long: 'This message is too long',
  payload_too_large: 'This message is too long',
  message_empty: 'This message is empty',
  conversation_closed: 'The conversation is closed',
  forbidden: 'You cannot write here',
};

/** Why a message was refused, in words; `code` is one of contracts/errors.ts. */
export function failureText(code: string | undefined): string {
  return FAILURES[code ?? ''] ?? copy.status.failed;
}
