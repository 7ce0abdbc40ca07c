/** Where the conversation's id is kept; the only thing that outlives the page. */
export interface ConversationMemory {
  read(): string | undefined;
  write(conversationId: string | undefined): void;
}

/**
 * One key per site in localStorage. Browsers refuse access (blocked cookies, sandboxed frames) by throwing: then the id
 * lives as long as the page.
 */
export function createConversationMemory(siteKey: string): ConversationMemory {
  const key = `parley:${siteKey}:conversation`;
  let fallback: string | undefined;
  return {
    read() {
      try {
        return window.localStorage.getItem(key) ?? fallback;
      } catch {
        return fallback;
      }
    },
    write(conversationId) {
      fallback = conversationId;
      try {
        if (conversationId) window.localStorage.setItem(key, conversationId);
        else window.localStorage.removeItem(key);
      } catch {
        // Refused or full: `fallback` serves.
      }
    },
  };
}
