/** What the page's script tag says. */
export interface EmbedOptions {
  siteKey: string;
  /** Origin of the API, without a trailing slash. */
  apiUrl: string;
  nonce: string | undefined;
}

/** Reads `data-site-key` and `data-api` (default: where the script came from); undefined when there is no key. */
export function readScript(script: HTMLScriptElement): EmbedOptions | undefined {
  const { siteKey, api } = script.dataset;
  if (!siteKey) return undefined;
  return {
    siteKey,
    apiUrl: (api ?? new URL(script.src).origin).replace(/\/+$/, ''),
    nonce: script.nonce || undefined,
  };
}
