/** What is worth keeping but not worth making anybody wait, or fail, for: written in batches behind the answer. */
export interface BatchWriter<Item> {
  /** Takes the item, or drops it: never throws and never waits. */
  add(tenantId: string, item: Item): void;
  /** Writes what is left and takes nothing more. */
  close(): Promise<void>;
}

export interface BatchWriterOptions<Item> {
  /** One transaction; a batch that it rejects is dropped. */
  write(tenantId: string, items: Item[]): Promise<void>;
  /** Items that wait at most. Above half of it every tenth is taken, for the others too; none above it. */
  maxItems: number;
  everyMs: number;
  onDropped(count: number): void;
}

const SAMPLE_OF = 10;

/** Collects by tenant; a slow database makes it drop, never grow. */
export function createBatchWriter<Item>(options: BatchWriterOptions<Item>): BatchWriter<Item> {
  const { write, maxItems, everyMs, onDropped } = options;
  let waiting = new Map<string, Item[]>();
  let size = 0;
  let timer: NodeJS.Timeout | undefined;
  let flushing = Promise.resolve();
  let closed = false;
  let offered = 0;

  function mayTake(): boolean {
    if (closed || size >= maxItems) return false;
    offered += 1;
    return size < maxItems / 2 || offered % SAMPLE_OF === 0;
  }

  async function flush(): Promise<void> {
    timer = undefined;
    const batches = waiting;
    waiting = new Map();
    for (const [tenantId, items] of batches) {
      await write(tenantId, items).catch(() => onDropped(items.length));
      size -= items.length;
    }
  }

  return {
    add(tenantId, item) {
      if (!mayTake()) return onDropped(1);
      const items = waiting.get(tenantId);
      if (items) items.push(item);
      else waiting.set(tenantId, [item]);
      size += 1;
      timer ??= setTimeout(() => {
        flushing = flushing.then(flush);
      }, everyMs);
    },
    async close() {
      closed = true;
      clearTimeout(timer);
      flushing = flushing.then(flush);
      await flushing;
    },
  };
}
