import { WebSocket } from 'ws';

/** The four events of the first contract; a client reads these fields and no others, and takes no notice of other events. */
export type V1Event =
  | { type: 'message'; direction: string; text: string; agent?: string }
  | { type: 'agent_joined'; agent?: string }
  | { type: 'info_note'; key?: string; text: string }
  | { type: 'conversation_closed' };

type Fields = Record<string, unknown>;

const WAIT_MS = 8_000;

/** A client that knows the first contract and nothing of what came after it. */
export class V1Client {
  readonly events: V1Event[] = [];
  readonly conversationId: string;
  readonly #address: string;
  readonly #token: string;
  readonly #watchers = new Set<() => void>();
  #socket: WebSocket | undefined;

  private constructor(address: string, { conversationId, token }: { conversationId: string; token: string }) {
    this.conversationId = conversationId;
    this.#address = address;
    this.#token = token;
  }

  /** POST /v1/conversations/start from a page of `origin`. */
  static async start(address: string, origin: string, said: object = {}): Promise<V1Client> {
    const response = await fetch(`${address}/v1/conversations/start`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin },
      body: JSON.stringify(said),
    });
    if (!response.ok) throw new Error(`start answered ${response.status}`);
    return new V1Client(address, (await response.json()) as { conversationId: string; token: string });
  }

  /** WS /v1/ws; the first frame is `auth`. Connecting again uses the token that it has. */
  async connect(origin: string): Promise<void> {
    const socket = new WebSocket(`${this.#address.replace('http', 'ws')}/v1/ws`, { origin });
    this.#socket = socket;
    socket.on('message', (data: Buffer) => this.#take(JSON.parse(data.toString()) as Fields));
    await new Promise<void>((resolve, reject) => socket.once('open', resolve).once('error', reject));
    socket.send(JSON.stringify({ type: 'auth', token: this.#token }));
  }

  say(text: string): void {
    this.#socket?.send(JSON.stringify({ type: 'message', text }));
  }

  /** Rejects when there is no such event within the time. */
  async until(matches: (event: V1Event) => boolean): Promise<V1Event> {
    const find = () => this.events.find(matches);
    const found = find();
    if (found) return found;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`none among ${JSON.stringify(this.events)}`)), WAIT_MS);
      this.#watchers.add(() => {
        const event = find();
        if (!event) return;
        clearTimeout(timer);
        resolve(event);
      });
    });
  }

  leave(): void {
    this.#socket?.close();
  }

  #take(frame: Fields): void {
    const event = eventOf(frame);
    if (!event) return;
    this.events.push(event);
    for (const watch of this.#watchers) watch();
  }
}

function eventOf({ type, direction, text, agent, key }: Fields): V1Event | undefined {
  const named = typeof agent === 'string' ? { agent } : {};
  if (type === 'message') return { type, direction: String(direction), text: String(text), ...named };
  if (type === 'agent_joined') return { type, ...named };
  if (type === 'info_note') return { type, text: String(text), ...(typeof key === 'string' ? { key } : {}) };
  return type === 'conversation_closed' ? { type } : undefined;
}
