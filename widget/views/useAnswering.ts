import { useState } from 'preact/hooks';
import type { Message } from '../../contracts/message.ts';
import { type Quotation, quotationOf } from '../state/quotationOf.ts';

/** The message that the next one answers. */
export interface Answering {
  /** Undefined while none was chosen, or when it is not there any more. */
  messageId: string | undefined;
  quoted: Quotation | undefined;
  choose(messageId: string): void;
  cancel(): void;
}

export function useAnswering(messages: readonly Message[]): Answering {
  const [chosen, choose] = useState<string>();
  const quoted = chosen === undefined ? undefined : quotationOf({ messageId: chosen }, messages);
  return { messageId: quoted && chosen, quoted, choose, cancel: () => choose(undefined) };
}
