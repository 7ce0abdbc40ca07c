import type { ConfigResponse } from '../../contracts/webchat.ts';
import { backoffDelay } from '../transport/backoff.ts';
import { isFinalRefusal, RefusedError } from '../transport/errors.ts';
import type { HttpApi } from '../transport/httpApi.ts';

/** The site's config, however long the server takes to come; undefined when this page may not have it, or `signal` ended the wait. */
export async function loadConfig(
  api: HttpApi,
  siteKey: string,
  signal: AbortSignal,
): Promise<ConfigResponse | undefined> {
  for (let attempt = 0; !signal.aborted; attempt += 1) {
    try {
      return await api.config(siteKey);
    } catch (error) {
      if (isFinalRefusal(error)) {
        console.warn(`Parley: the chat is not available here (${error instanceof RefusedError ? error.code : ''})`);
        return undefined;
      }
      const asked = error instanceof RefusedError ? (error.retryAfterSeconds ?? 0) * 1_000 : 0;
      await pause(backoffDelay(attempt, Math.random) + asked);
    }
  }
  return undefined;
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}
