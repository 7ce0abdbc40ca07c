import type { FileApi } from './transport/fileApi.ts';

/** An address is asked for anew when it has less than this left. */
const MARGIN_MS = 60_000;

/**
 * The bytes of files that the visitor has picked, and the addresses of all others. What is on it is lost with the page, like
 * whatever waits to be sent.
 */
export class FileShelf {
  private readonly api: FileApi;
  private readonly files = new Map<string, File>();
  private readonly previews = new Map<string, string>();
  private readonly links = new Map<string, { url: string; until: number }>();

  constructor(api: FileApi) {
    this.api = api;
  }

  put(id: string, file: File): void {
    this.files.set(id, file);
  }

  /** Rejects with RefusedError or NetworkError. */
  async upload(id: string, token: string, onProgress: (share: number) => void): Promise<void> {
    const file = this.files.get(id);
    if (file) await this.api.upload({ id, file, token, onProgress });
  }

  /** Where the browser finds the file: here, or at the server. Rejects while the server cannot be asked. */
  async url(id: string, token: string): Promise<string> {
    return this.preview(id) ?? this.link(id, token);
  }

  clear(): void {
    for (const url of this.previews.values()) URL.revokeObjectURL(url);
    this.previews.clear();
    this.files.clear();
    this.links.clear();
  }

  private preview(id: string): string | undefined {
    const file = this.files.get(id);
    if (!file) return undefined;
    const url = this.previews.get(id) ?? URL.createObjectURL(file);
    this.previews.set(id, url);
    return url;
  }

  private async link(id: string, token: string): Promise<string> {
    const known = this.links.get(id);
    if (known && known.until - Date.now() > MARGIN_MS) return known.url;
    const { url, expiresAt } = await this.api.link({ id, token });
    this.links.set(id, { url, until: Date.parse(expiresAt) });
    return url;
  }
}
