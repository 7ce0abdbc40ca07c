/**
 * How long the provider asks to wait, in milliseconds: `retry-after-ms` (OpenAI), else `retry-after` in seconds or as an
 * HTTP date (RFC 9110, 10.2.3). undefined when it does not say, or says nonsense. Header names are in lower case.
 */
export function retryAfterMs(headers: Record<string, string>, now: number): number | undefined {
  const precise = Number.parseFloat(headers['retry-after-ms'] ?? '');
  if (precise >= 0) return Math.ceil(precise);
  const value = headers['retry-after']?.trim();
  if (!value) return undefined;
  if (/^\d+(\.\d+)?$/.test(value)) return Math.ceil(Number(value) * 1_000);
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
