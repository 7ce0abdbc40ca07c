/** A GET, or a POST of `body`. Throws when the answer is not a good one. */
export async function json<T>(url: string, body?: unknown, headers: Record<string, string> = {}): Promise<T> {
  const post = {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  };
  const response = await fetch(url, body === undefined ? {} : post);
  if (!response.ok) throw new Error(`${new URL(url).pathname} answered ${response.status}`);
  return (await response.json()) as T;
}
