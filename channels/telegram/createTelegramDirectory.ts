import { createTelegramClient, type TelegramClient } from './createTelegramClient.ts';
import { botIdOf, telegramSecretsSchema } from './secrets.ts';

export interface TelegramBot {
  botId: string;
  client: TelegramClient;
}

/** A tenant's group and the bots that serve it, at least one. */
export interface TelegramConnection {
  id: string;
  tenantId: string;
  chatId: string;
  bots: readonly TelegramBot[];
  headerSecret: string | undefined;
}

/** A connection as it is stored; `secrets` are sealed. */
export interface StoredConnection {
  id: string;
  tenantId: string;
  channelId: string | null;
  secrets: Buffer | null;
}

export interface TelegramDirectoryOptions {
  /** The tenant's active Telegram connections, the first one is for new topics. */
  listConnections(tenantId: string): Promise<readonly StoredConnection[]>;
  /** Opens what was sealed for the tenant. */
  open(tenantId: string, sealed: Buffer): Promise<string>;
  apiRoot: string;
  /** Milliseconds for which an answer is reused. */
  ttlMs?: number;
  callTimeoutMs?: number;
}

/** Whose bots serve which group. */
export interface TelegramDirectory {
  /** Empty when the tenant has no Telegram channel. A known answer outlives a database that is out of reach. */
  connectionsOf(tenantId: string): Promise<readonly TelegramConnection[]>;
  /** Is one of the tenant's bots called so? Yes also while Telegram does not tell their names. */
  hasBotNamed(tenantId: string, name: string): Promise<boolean>;
  /** The user name of one of the tenant's bots, without its `@`; undefined while Telegram does not tell. */
  nameOf(tenantId: string, botId: string): Promise<string | undefined>;
  /** The tenant's connections changed. */
  forget(tenantId: string): void;
}

/** A change of settings or connections holds everywhere within 5 s. */
const DEFAULT_TTL_MS = 4_000;

/** A cache in front of the stored connections; a bot's client, and with it its open connections, outlives the entries. */
export function createTelegramDirectory({
  listConnections,
  open,
  apiRoot,
  ttlMs = DEFAULT_TTL_MS,
  callTimeoutMs,
}: TelegramDirectoryOptions): TelegramDirectory {
  const known = new Map<string, { connections: readonly TelegramConnection[]; until: number }>();
  const clients = new Map<string, TelegramClient>();

  const names = new Map<string, string>();

  async function nameOf({ botId, client }: TelegramBot): Promise<string | undefined> {
    if (!names.has(botId)) {
      const me = await client.getMe();
      if (me.ok) names.set(botId, me.value.username);
    }
    return names.get(botId);
  }

  async function botsOf(tenantId: string): Promise<TelegramBot[]> {
    return (await connectionsOf(tenantId)).flatMap((connection) => connection.bots);
  }

  async function connectionsOf(tenantId: string): Promise<readonly TelegramConnection[]> {
    const entry = known.get(tenantId);
    if (entry && entry.until > Date.now()) return entry.connections;
    try {
      const stored = await listConnections(tenantId);
      const connections = (await Promise.all(stored.map(toConnection))).flat();
      known.set(tenantId, { connections, until: Date.now() + ttlMs });
      return connections;
    } catch (error) {
      if (entry) return entry.connections;
      throw error;
    }
  }

  function botOf(token: string): TelegramBot {
    const client = clients.get(token) ?? createTelegramClient({ token, apiRoot, timeoutMs: callTimeoutMs });
    clients.set(token, client);
    return { botId: botIdOf(token), client };
  }

  async function toConnection({ id, tenantId, channelId, secrets }: StoredConnection): Promise<TelegramConnection[]> {
    if (channelId === null || secrets === null) return [];
    const { botTokens, headerSecret } = telegramSecretsSchema.parse(JSON.parse(await open(tenantId, secrets)));
    return [{ id, tenantId, chatId: channelId, bots: botTokens.map(botOf), headerSecret }];
  }

  return {
    connectionsOf,
    async hasBotNamed(tenantId, name) {
      const known = await Promise.all((await botsOf(tenantId)).map(nameOf));
      return known.some((botName) => botName === undefined || botName.toLowerCase() === name.toLowerCase());
    },
    async nameOf(tenantId, botId) {
      const bot = (await botsOf(tenantId)).find((candidate) => candidate.botId === botId);
      return bot && (await nameOf(bot));
    },
    forget(tenantId) {
      known.delete(tenantId);
    },
  };
}
