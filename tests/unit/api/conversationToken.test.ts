import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { issueConversationToken, requireConversationToken } from '../../../api/edge/conversationToken.ts';
import { signingKeysOf } from '../../../api/edge/signingKeys.ts';

describe('a conversation token that comes again and again', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }));
  afterEach(() => void vi.useRealTimers());

  const keys = signingKeysOf('a secret of at least thirty-two bytes');
  const grant = { tenantId: randomUUID(), siteKey: 'demo', conversationId: randomUUID(), isVerified: false };

  it('says the same each time, and nothing any more when its time is over', async () => {
    const { token, expiresAt } = await issueConversationToken(keys, grant);
    const first = await requireConversationToken(keys, token);
    expect(first).toMatchObject({ ...grant, expiresAt });
    expect(await requireConversationToken(keys, token)).toEqual(first);
    vi.setSystemTime(expiresAt.getTime() - 1);
    expect(await requireConversationToken(keys, token)).toEqual(first);
    vi.setSystemTime(expiresAt);
    await expect(requireConversationToken(keys, token)).rejects.toMatchObject({ code: 'token_expired' });
  });

  it('is good for the keys that verified it alone, and to the letter', async () => {
    const { token } = await issueConversationToken(keys, grant);
    await requireConversationToken(keys, token);
    const others = signingKeysOf('another secret of thirty-two bytes or more');
    for (const [byKeys, tried] of [
      [others, token],
      [keys, `${token}A`],
      [keys, token.slice(0, -2)],
    ] as const) {
      await expect(requireConversationToken(byKeys, tried)).rejects.toMatchObject({ code: 'token_invalid' });
    }
  });
});
