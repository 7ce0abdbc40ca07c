/** What came back, with the cookies as the server wrote them. */
export interface BrowserAnswer {
  status: number;
  headers: Headers;
  body: Record<string, unknown>;
  setCookies: string[];
}

interface Sent {
  body?: unknown;
  headers?: Record<string, string>;
  /** The page that sends; by default one of the installation. Null: no browser that says so. */
  origin?: string | null;
}

/** Keeps cookies and says where it comes from, as a browser does; follows no redirect. */
export class Browser {
  readonly cookies = new Map<string, string>();
  readonly #url: string;

  constructor(url: string, cookies: Iterable<[string, string]> = []) {
    this.#url = url;
    this.cookies = new Map(cookies);
  }

  get(path: string, headers: Record<string, string> = {}): Promise<BrowserAnswer> {
    return this.send('GET', path, { headers, origin: null });
  }

  post(path: string, body?: unknown, sent: Sent = {}): Promise<BrowserAnswer> {
    return this.send('POST', path, { body, ...sent });
  }

  /** `path` may be a whole address of somebody else's server. */
  async send(method: string, path: string, { body, headers = {}, origin = this.#url }: Sent): Promise<BrowserAnswer> {
    const response = await fetch(new URL(path, this.#url), {
      method,
      redirect: 'manual',
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(origin === null ? {} : { origin }),
        ...(this.cookies.size > 0 ? { cookie: this.cookieHeader() } : {}),
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const setCookies = response.headers.getSetCookie();
    for (const cookie of setCookies) this.#keep(cookie);
    const text = await response.text();
    const isJson = /json/.test(response.headers.get('content-type') ?? '');
    return {
      status: response.status,
      headers: response.headers,
      body: isJson ? JSON.parse(text) : { text },
      setCookies,
    };
  }

  cookieHeader(): string {
    return [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  #keep(cookie: string): void {
    const [pair = '', ...attributes] = cookie.split('; ');
    const [, name = '', value = ''] = /^([^=]*)=(.*)$/.exec(pair) ?? [];
    if (value === '' || attributes.some((attribute) => /^max-age=0$/i.test(attribute))) this.cookies.delete(name);
    else this.cookies.set(name, value);
  }
}
