import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { decryptBytes, encryptBytes } from '../../encryption/sealedBytes.ts';

/** The words of HashiCorp Vault, as its HTTP API documents and sends them. */
type Reply = [status: number, body: object];

const DENIED: Reply = [403, { errors: ['permission denied'] }];
const FORGED: Reply = [400, { errors: ['cipher: message authentication failed'] }];
const SEALED: Reply = [503, { errors: ['Vault is sealed'] }];

/** A server that speaks the transit engine's protocol: encrypt, decrypt and read of one key, at `transit/`. */
export class FakeVault {
  readonly token = `hvs.${randomBytes(12).toString('hex')}`;
  readonly seen: string[] = [];
  sealed = false;
  /** Never answers. */
  silent = false;
  /** Falls silent once it has encrypted that often. */
  silentAfter = Number.POSITIVE_INFINITY;
  /** Answers this instead of what was asked for. */
  instead: Reply | undefined;
  readonly #keys = [randomBytes(32)];
  #server: Server | undefined;

  async start(): Promise<string> {
    this.#server = createServer((request, response) => {
      void this.#handle(request).then((reply) => {
        if (!reply) return;
        response.writeHead(reply[0], { 'content-type': 'application/json' }).end(JSON.stringify(reply[1]));
      });
    });
    await new Promise<void>((resolve) => void this.#server?.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server?.closeAllConnections();
    await new Promise((resolve) => this.#server?.close(resolve) ?? resolve(undefined));
  }

  /** `vault write -f transit/keys/parley/rotate`. */
  rotate(): void {
    this.#keys.push(randomBytes(32));
  }

  async #handle(request: IncomingMessage): Promise<Reply | undefined> {
    let text = '';
    for await (const part of request) text += String(part);
    this.seen.push(`${request.method} ${request.url}`);
    if (this.silent) return undefined;
    if (this.instead) return this.instead;
    if (this.sealed) return SEALED;
    if (request.headers['x-vault-token'] !== this.token) return DENIED;
    const body = JSON.parse(text || '{}') as Record<string, string>;
    const context = Buffer.from(body['associated_data'] ?? '', 'base64').toString();
    switch (`${request.method} ${request.url}`) {
      case 'GET /v1/transit/keys/parley':
        return [200, { data: { name: 'parley', type: 'aes256-gcm96', latest_version: this.#keys.length } }];
      case 'POST /v1/transit/encrypt/parley':
        return this.#encrypt(Buffer.from(body['plaintext'] ?? '', 'base64'), context);
      case 'POST /v1/transit/decrypt/parley':
        return this.#decrypt(body['ciphertext'] ?? '', context);
      default:
        return [404, { errors: [] }];
    }
  }

  #encrypt(plaintext: Buffer, context: string): Reply | undefined {
    if (this.silentAfter === 0) return undefined;
    this.silentAfter -= 1;
    const version = this.#keys.length;
    const bytes = encryptBytes(this.#keys[version - 1] ?? Buffer.alloc(0), plaintext, context).toString('base64');
    return [200, { data: { ciphertext: `vault:v${version}:${bytes}`, key_version: version } }];
  }

  #decrypt(ciphertext: string, context: string): Reply {
    const [, version, bytes = ''] = /^vault:v(\d+):(.+)$/.exec(ciphertext) ?? [];
    const key = this.#keys[Number(version) - 1];
    if (!key) return [400, { errors: ['invalid ciphertext: no prefix'] }];
    try {
      const plaintext = decryptBytes(key, Buffer.from(bytes, 'base64'), context);
      return [200, { data: { plaintext: plaintext.toString('base64') } }];
    } catch {
      return FORGED;
    }
  }
}
