import type { Choice } from '../../contracts/message.ts';
import type { SiteLook } from '../../contracts/site.ts';

/** What the visitor can do; the views know nothing else of the world outside. */
export interface Actions {
  open(): void;
  close(): void;
  /** False when it was not taken because the queue is full: it stays in the composer. */
  send(text: string, options: { files: readonly File[]; replyTo: string | undefined }): boolean;
  /** Where the browser finds a file, for some minutes. Rejects while nobody can say. */
  fileUrl(id: string): Promise<string>;
  choose(choice: Choice): void;
  /** How the closed conversation was, 1 to 5. */
  rate(rating: number): void;
  retry(clientMessageId: string): void;
  remove(clientMessageId: string): void;
}

export interface Site {
  look: SiteLook;
  /** Longest text of one message, in UTF-16 code units. */
  messageLength: number;
  /** Largest file, in bytes; 0 where none are taken. */
  fileBytes: number;
}
