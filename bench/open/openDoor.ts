import { once } from 'node:events';
import { WebSocket } from 'ws';
import type { ConversationRef } from '../../contracts/workflowId.ts';
import { type Deferred, deferred } from '../deferred.ts';
import { json } from '../json.ts';
import { MESSAGE_TEXT } from '../settings.ts';
import type { OpenMessage } from './apiMain.ts';

/** A visitor's way to a conversation through an API that has no edge. */
export class OpenDoor {
  readonly #url: string;
  readonly #ref: ConversationRef;
  readonly #socket: WebSocket;
  readonly #unacked = new Map<string, Deferred>();

  private constructor(url: string, ref: ConversationRef) {
    this.#url = url;
    this.#ref = ref;
    this.#socket = new WebSocket(`${url.replace('http', 'ws')}/socket`);
    this.#socket.on('message', (data: Buffer) => {
      const at = performance.now();
      const { clientMessageId } = JSON.parse(data.toString()) as { clientMessageId: string };
      this.#unacked.get(clientMessageId)?.resolve(at);
      this.#unacked.delete(clientMessageId);
    });
  }

  static async open(url: string, ref: ConversationRef): Promise<OpenDoor> {
    const door = new OpenDoor(url, ref);
    await once(door.#socket, 'open');
    return door;
  }

  /** Resolves when the message was acknowledged, as the methods of `VisitorClient` do. */
  async say(clientMessageId: string): Promise<number> {
    const acked = deferred();
    this.#unacked.set(clientMessageId, acked);
    this.#socket.send(JSON.stringify(this.#message(clientMessageId)));
    return acked.promise;
  }

  async sayOverHttp(clientMessageId: string): Promise<number> {
    await json(`${this.#url}/message`, this.#message(clientMessageId));
    return performance.now();
  }

  leave(): void {
    this.#socket.close();
  }

  #message(clientMessageId: string): OpenMessage {
    return { ...this.#ref, clientMessageId, text: MESSAGE_TEXT };
  }
}
