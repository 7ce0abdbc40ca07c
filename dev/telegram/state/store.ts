import { type Change, type Journal, openJournal, readJournal } from './journal.ts';
import { type RecordKind, type Records, recordKey } from './records.ts';

type Tables = { [K in RecordKind]: Map<string, Records[K]> };
type Listener = (changes: Change[]) => void;

const keptCalls = 20_000;

function emptyTables(): Tables {
  return {
    bot: new Map(),
    user: new Map(),
    group: new Map(),
    member: new Map(),
    topic: new Map(),
    message: new Map(),
    file: new Map(),
    update: new Map(),
    callback: new Map(),
    call: new Map(),
  };
}

/**
 * All state of the emulator, in memory, with an optional journal. Changes of one `transaction` become one line of the
 * journal, written before the transaction returns: what was answered survives, what was half done does not.
 */
export class Store {
  private readonly tables = emptyTables();
  private readonly listeners = new Set<Listener>();
  private readonly journal: Journal | undefined;
  private pending: Change[] = [];
  private depth = 0;

  constructor(folder?: string) {
    if (!folder) return;
    for (const changes of readJournal(folder)) {
      for (const [kind, key, record] of changes) {
        const table = this.tables[kind as RecordKind] as Map<string, unknown>;
        if (record === null) table.delete(key);
        else table.set(key, record);
      }
    }
    this.journal = openJournal(folder, this.snapshot());
  }

  /** Runs a synchronous change of state; nested calls join the outer one. */
  transaction<T>(work: () => T): T {
    this.depth += 1;
    try {
      return work();
    } finally {
      this.depth -= 1;
      if (this.depth === 0) this.commit();
    }
  }

  get<K extends RecordKind>(kind: K, key: string | number): Records[K] | undefined {
    return this.tables[kind].get(String(key));
  }

  all<K extends RecordKind>(kind: K): IterableIterator<Records[K]> {
    return this.tables[kind].values();
  }

  count(kind: RecordKind): number {
    return this.tables[kind].size;
  }

  /** Adds or replaces a record; a record changed in place must be put again to be kept. */
  put<K extends RecordKind>(kind: K, record: Records[K]): void {
    const key = recordKey[kind](record);
    this.tables[kind].set(key, record);
    this.pending.push([kind, key, record]);
    if (kind === 'call') this.dropOldCalls();
  }

  remove<K extends RecordKind>(kind: K, record: Records[K]): void {
    const key = recordKey[kind](record);
    if (this.tables[kind].delete(key)) this.pending.push([kind, key, null]);
  }

  /** Told of the changes of each transaction, after they were written. Returns the way to stop. */
  onCommit(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  close(): void {
    this.journal?.close();
  }

  private commit(): void {
    if (this.pending.length === 0) return;
    const changes = this.pending;
    this.pending = [];
    this.journal?.append(changes);
    for (const listener of this.listeners) listener(changes);
  }

  private dropOldCalls(): void {
    for (const call of this.tables.call.values()) {
      if (this.tables.call.size <= keptCalls) return;
      this.remove('call', call);
    }
  }

  private snapshot(): Change[] {
    return (Object.keys(this.tables) as RecordKind[]).flatMap((kind) =>
      [...this.tables[kind].entries()].map(([key, record]): Change => [kind, key, record]),
    );
  }
}
