import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { createReceipts, type ReceiptsOptions } from '../../../api/ws/receipts.ts';
import type { VisitorSawSignal } from '../../../contracts/conversation.ts';
import { CodedError } from '../../../contracts/errors.ts';

const ref = { tenantId: 'a', conversationId: 'b' };
const SAID = randomUUID();

function harness({ fails = 0, ...more }: Partial<ReceiptsOptions> & { fails?: number } = {}) {
  const seen: VisitorSawSignal[] = [];
  const lost: unknown[] = [];
  const asked: string[] = [];
  let failures = fails;
  const receipts = createReceipts({
    engine: {
      signalVisitorSaw: async (_ref, signal) => {
        failures -= 1;
        if (failures >= 0) throw new CodedError('engine_unavailable', 'down');
        seen.push(signal);
      },
    },
    wasSaidByAgent: async (_ref, messageId) => {
      asked.push(messageId);
      return messageId === SAID;
    },
    onLost: (error) => lost.push(error),
    pausesMs: [1, 1],
    ...more,
  });
  return { receipts, seen, lost, asked };
}

test('hands on what another instance, or a page of messages, has brought, and looks it up once', async () => {
  const { receipts, seen, asked } = harness();
  for (let times = 0; times < 3; times += 1) receipts.acknowledge(ref, receipt(SAID, 'delivered'));
  await expect.poll(() => seen).toHaveLength(1);
  receipts.acknowledge(ref, receipt(SAID, 'read'));
  await expect.poll(() => seen.map(({ status }) => status)).toEqual(['delivered', 'read']);
  expect(asked).toEqual([SAID]);
});

test('asks nobody about what it has sent itself', async () => {
  const { receipts, seen, asked } = harness();
  const frame = { type: 'message', id: SAID, author: { kind: 'agent' } } as const;
  receipts.sent(ref, { ...frame, seq: 1, direction: 'OUTBOUND', text: '', createdAt: new Date(0).toISOString() });
  receipts.acknowledge(ref, receipt(SAID, 'read'));
  await expect.poll(() => seen).toHaveLength(1);
  expect(asked).toEqual([]);
});

test('lets nobody flood the database with made-up ids', async () => {
  const { receipts, seen, asked } = harness();
  for (let times = 0; times < 500; times += 1) receipts.acknowledge(ref, receipt(randomUUID(), 'read'));
  receipts.acknowledge({ ...ref, conversationId: 'another' }, receipt(SAID, 'read'));
  await expect.poll(() => seen).toHaveLength(1);
  expect(asked.length).toBeLessThan(50);
});

test('repeats what the engine did not take, and after that lets the client say it again', async () => {
  const { receipts, seen, lost } = harness({ fails: 2 });
  receipts.acknowledge(ref, receipt(SAID, 'read'));
  await expect.poll(() => seen).toHaveLength(1);
  expect(lost).toEqual([]);

  const down = harness({ fails: 3 });
  down.receipts.acknowledge(ref, receipt(SAID, 'read'));
  await expect.poll(() => down.lost).toHaveLength(1);
  down.receipts.acknowledge(ref, receipt(SAID, 'read'));
  await expect.poll(() => down.seen).toHaveLength(1);
});

function receipt(messageId: string, status: 'delivered' | 'read') {
  return { type: 'receipt', messageId, status } as const;
}
