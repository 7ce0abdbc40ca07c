import { z } from 'zod';

const port = z.coerce.number().int().min(0).max(65_535);
const flag = z.enum(['true', 'false', '1', '0']).transform((value) => value === 'true' || value === '1');
const secret = z.string().min(32, 'must have at least 32 characters');
const masterKey = z
  .string()
  .refine((value) => Buffer.from(value, 'base64').length === 32, 'must be base64 of 32 bytes');
const list = z
  .string()
  .default('')
  .transform((value) =>
    value
      .split(',')
      .map((item) => item.trim())
      .filter(Boolean),
  );
/** As browsers write it; whatever follows the port is not part of it. */
const origin = z.url({ protocol: /^https?$/ }).transform((value) => new URL(value).origin);

const envSchema = z.object({
  NODE_ENV: z.enum(['development', 'test', 'production']).default('development'),
  /** Which of a tenant's settings count here; by default production where NODE_ENV says so, else development. */
  PARLEY_ENVIRONMENT: z.enum(['development', 'staging', 'production']).optional(),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  HOST: z.string().default('127.0.0.1'),
  PORT: port.default(4012),
  /** The ordinary role: neither superuser nor owner of the tables. */
  DATABASE_URL: z.string().url(),
  /** The role that owns the tables; only migrations use it. */
  DATABASE_OWNER_URL: z.string().url().optional(),
  DATABASE_POOL_SIZE: z.coerce.number().int().min(1).max(100).default(10),
  REDIS_URL: z.string().url().optional(),
  REDIS_DB: z.coerce.number().int().min(0).default(3),
  REDIS_PREFIX: z.string().default('scv2'),
  TEMPORAL_ADDRESS: z.string().default('127.0.0.1:7233'),
  TEMPORAL_NAMESPACE: z.string().default('default'),
  /** Signs challenges and conversation tokens. */
  CONVERSATION_JWT_SECRET: secret,
  /** Verify what they signed, separated by commas: those before, and while an installation is rolled out the one to come. */
  CONVERSATION_JWT_PREVIOUS_SECRETS: list.pipe(z.array(secret)),
  /** Who wraps tenants' data keys: MASTER_KEY, or Vault, where master keys never leave it. */
  KEY_PROVIDER: z.enum(['env', 'vault']).default('env'),
  /** Wraps each tenant's data key. Beside Vault it opens what it wrapped before. */
  MASTER_KEY: masterKey.optional(),
  /** Master keys that open what they wrapped, separated by commas: those before, or during a rollout the one to come. */
  MASTER_KEY_PREVIOUS: list.pipe(z.array(masterKey)),
  VAULT_ADDR: z.url({ protocol: /^https?$/ }).optional(),
  VAULT_TOKEN: z.string().min(1).optional(),
  VAULT_NAMESPACE: z.string().optional(),
  VAULT_TRANSIT_MOUNT: z.string().default('transit'),
  /** Name of the transit key. */
  VAULT_TRANSIT_KEY: z.string().default('parley'),
  SERVICE_TOKEN: secret.optional(),
  /** Origins that may embed any site, beside each site's own list; for development. */
  ALLOWED_ORIGINS: list.pipe(z.array(z.union([z.literal('*'), origin]))),
  /** Number of reverse proxies in front whose X-Forwarded-For is believed. */
  TRUSTED_PROXIES: z.coerce.number().int().min(0).default(0),
  /** API instances behind the load balancer: while Redis is away, each allows its share of every limit. */
  API_INSTANCES: z.coerce.number().int().min(1).default(1),
  /** Points that replace those of api/limits/table.ts, e.g. `ip.start=100,ip.config=1000`. */
  LIMITS: z
    .string()
    .default('')
    .transform((value, context) => {
      const pairs = value.split(',').filter(Boolean);
      const wrong = pairs.filter((pair) => !/^[a-zA-Z.]+=[1-9]\d{0,8}$/.test(pair));
      if (wrong.length > 0) context.addIssue('must be name=points, separated by commas');
      return Object.fromEntries(pairs.map((pair) => [pair.split('=')[0], Number(pair.split('=')[1])]));
    }),
  BOT_TOKEN: z.string().optional(),
  SUPPORT_GROUP_ID: z
    .string()
    .regex(/^-?\d+$/, 'must be a numeric chat id')
    .optional(),
  TELEGRAM_API_ROOT: z.string().url().default('https://api.telegram.org'),
  /** By default webhooks where PUBLIC_URL is https, which Telegram asks for, else polling. */
  TELEGRAM_MODE: z.enum(['polling', 'webhook']).optional(),
  WEBHOOK_SECRET: z.string().min(16).optional(),
  TELEGRAM_HEADER_SECRET: z.string().min(16).optional(),
  /** An OpenAI-compatible endpoint; without it the keyless local answerer is used. */
  AI_BASE_URL: z.string().url().optional(),
  AI_MODEL: z.string().default('gpt-4o-mini'),
  AI_API_KEY: z.string().optional(),
  /** Conversations that a worker keeps in memory; 0.34 MB each was measured. */
  WORKER_CACHE_SIZE: z.coerce.number().int().min(10).default(2_000),
  /** Where people reach this installation, for links in mails and identity providers; by default the address it listens at. */
  PUBLIC_URL: origin.optional(),
  /** Where a person finds a conversation in a console, for the link on its card. */
  CONSOLE_URL: z
    .url({ protocol: /^https?$/ })
    .refine((url) => url.includes('{conversationId}'), 'must have {conversationId} in it')
    .optional(),
  /** Takes the mails, e.g. `smtps://user:password@mail.example:465`. */
  SMTP_URL: z.url({ protocol: /^smtps?$/ }).optional(),
  MAIL_FROM: z.string().default('Parley <no-reply@localhost>'),
  /** Without SMTP_URL mails become files here; for development. */
  MAIL_FOLDER: z.string().optional(),
  /** Where files are kept; API and workers need the same. A bucket takes its place. */
  FILES_FOLDER: z.string().min(1).default('.parley/files'),
  /** A server that speaks S3; with it the other four are needed. */
  S3_ENDPOINT: z.url({ protocol: /^https?$/ }).optional(),
  S3_BUCKET: z.string().min(1).optional(),
  S3_REGION: z.string().min(1).default('us-east-1'),
  S3_ACCESS_KEY_ID: z.string().min(1).optional(),
  S3_SECRET_ACCESS_KEY: z.string().min(1).optional(),
  /** Hosts that webhooks may go to although they are not public, or speak http; without NODE_ENV=production this machine is one. */
  WEBHOOK_ALLOWED_HOSTS: list,
  METRICS: flag.default(true),
  /** Bearer token of whoever collects /metrics; without it production gives them to nobody. */
  METRICS_TOKEN: secret.optional(),
});

export type Env = z.infer<typeof envSchema>;

type KeyVariables = Pick<Env, 'KEY_PROVIDER' | 'MASTER_KEY' | 'VAULT_ADDR' | 'VAULT_TOKEN'>;

/** Asked even where other variables are wrong, so that all that is missing is listed at once. */
function withKeyProvider<Schema extends z.ZodType<KeyVariables>>(schema: Schema) {
  const has = (name: keyof KeyVariables, provider: Env['KEY_PROVIDER']) => (env: KeyVariables) =>
    env.KEY_PROVIDER !== provider || Boolean(env[name]);
  const or = (name: keyof KeyVariables, message: string) => ({ path: [name], message, when: () => true });
  return schema
    .refine(has('MASTER_KEY', 'env'), or('MASTER_KEY', 'is needed where KEY_PROVIDER is env'))
    .refine(has('VAULT_ADDR', 'vault'), or('VAULT_ADDR', 'is needed where KEY_PROVIDER is vault'))
    .refine(has('VAULT_TOKEN', 'vault'), or('VAULT_TOKEN', 'is needed where KEY_PROVIDER is vault'));
}

/** What no variable can say of itself. */
const soundEnvSchema = withKeyProvider(envSchema).superRefine((env, context) => {
  const refuse = (name: keyof Env, message: string) => context.addIssue({ code: 'custom', path: [name], message });
  const { CONVERSATION_JWT_SECRET: current, CONVERSATION_JWT_PREVIOUS_SECRETS: others, SERVICE_TOKEN: token } = env;
  if (env.NODE_ENV === 'production' && env.ALLOWED_ORIGINS.some((allowed) => allowed.includes('*'))) {
    refuse('ALLOWED_ORIGINS', 'must name each origin in production: a wildcard is refused');
  }
  if (env.NODE_ENV === 'production' && env.SMTP_URL && !env.PUBLIC_URL) {
    refuse('PUBLIC_URL', 'is needed in production for the links in mails (SMTP_URL)');
  }
  for (const name of ['S3_BUCKET', 'S3_ACCESS_KEY_ID', 'S3_SECRET_ACCESS_KEY'] as const) {
    if (env.S3_ENDPOINT && !env[name]) refuse(name, 'is needed where S3_ENDPOINT is set');
  }
  if (token && [current, ...others].includes(token)) refuse('SERVICE_TOKEN', 'must not be a secret that signs tokens');
  if (token && [env.MASTER_KEY, ...env.MASTER_KEY_PREVIOUS].includes(token)) {
    refuse('SERVICE_TOKEN', 'must not be a master key');
  }
});

/** Thrown at start-up; `message` names every wrong variable and what is wrong, never its value. */
export class InvalidEnvironmentError extends Error {
  override readonly name = 'InvalidEnvironmentError';
}

type Source = Record<string, string | undefined>;

/** Reads and checks the environment. The only reader of process.env. Throws {@link InvalidEnvironmentError}. */
export function readEnv(source: Source = process.env): Env {
  return parse(soundEnvSchema, source);
}

/** What migrating needs, and no more: whoever migrates need not hold the installation's secrets. */
export function readMigrationEnv(source: Source = process.env): { DATABASE_OWNER_URL: string } {
  return parse(envSchema.pick({ DATABASE_OWNER_URL: true }).required(), source);
}

/** What a command needs that only reads and writes rows. */
export function readDatabaseEnv(source: Source = process.env): { DATABASE_URL: string } {
  return parse(envSchema.pick({ DATABASE_URL: true }), source);
}

const keyEnvSchema = envSchema.pick({
  DATABASE_URL: true,
  TEMPORAL_ADDRESS: true,
  TEMPORAL_NAMESPACE: true,
  KEY_PROVIDER: true,
  MASTER_KEY: true,
  MASTER_KEY_PREVIOUS: true,
  VAULT_ADDR: true,
  VAULT_TOKEN: true,
  VAULT_NAMESPACE: true,
  VAULT_TRANSIT_MOUNT: true,
  VAULT_TRANSIT_KEY: true,
});

/** What rotating keys needs, and no more. */
export function readKeyEnv(source: Source = process.env): z.infer<typeof keyEnvSchema> {
  return parse(withKeyProvider(keyEnvSchema), source);
}

function parse<T>(schema: z.ZodType<T>, source: Source): T {
  const present = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== ''));
  const parsed = schema.safeParse(present);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`);
  throw new InvalidEnvironmentError(`The environment is not complete:\n${problems.join('\n')}`);
}

/** Which of a tenant's settings count on this installation. */
export function settingsEnvironment({
  PARLEY_ENVIRONMENT,
  NODE_ENV,
}: Pick<Env, 'PARLEY_ENVIRONMENT' | 'NODE_ENV'>): NonNullable<Env['PARLEY_ENVIRONMENT']> {
  return PARLEY_ENVIRONMENT ?? (NODE_ENV === 'production' ? 'production' : 'development');
}

/** How updates of Telegram come in; a webhook's address begins with `publicUrl`. */
export type TelegramUpdates = { mode: 'polling' } | { mode: 'webhook'; publicUrl: string | undefined };

export function telegramUpdates({
  TELEGRAM_MODE,
  PUBLIC_URL,
}: Pick<Env, 'TELEGRAM_MODE' | 'PUBLIC_URL'>): TelegramUpdates {
  const mode = TELEGRAM_MODE ?? (PUBLIC_URL?.startsWith('https:') ? 'webhook' : 'polling');
  return mode === 'webhook' ? { mode, publicUrl: PUBLIC_URL } : { mode };
}

/** Hosts that webhooks may go to although they lie in the installation's own network. */
export function webhookHosts({
  WEBHOOK_ALLOWED_HOSTS,
  NODE_ENV,
}: Pick<Env, 'WEBHOOK_ALLOWED_HOSTS' | 'NODE_ENV'>): string[] {
  return NODE_ENV === 'production' ? WEBHOOK_ALLOWED_HOSTS : [...WEBHOOK_ALLOWED_HOSTS, 'localhost', '127.0.0.1'];
}

/** The environment as it is, for programs that hand it on to the processes they start. */
export function environment(): Record<string, string | undefined> {
  return process.env;
}
