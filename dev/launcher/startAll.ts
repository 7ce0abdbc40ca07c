import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { startApi } from '../../api/startApi.ts';
import { createMemoryHub } from '../../channels/web/memoryHub.ts';
import { type Env, environment, readEnv } from '../../config/env.ts';
import { migrate } from '../../db/migrate.ts';
import { seedDefaults } from '../../db/seedDefaults.ts';
import { createLogger } from '../../runtime/logger.ts';
import { buildWidget } from '../../widget/build.ts';
import { installRuntime } from '../../worker/installRuntime.ts';
import { startWorker } from '../../worker/startWorker.ts';
import { workflowBundle } from '../../worker/workflowBundle.ts';
import { assistant } from '../demo/assistant.ts';
import { loadDemoFlow } from '../demo/loadDemoFlow.ts';
import { loadKnowledge } from '../demo/loadKnowledge.ts';
import { freePort, isPortFree } from '../servers/freePort.ts';
import { checkEnvironment } from './checkEnvironment.ts';
import type { LauncherContext } from './closers.ts';
import { startDemoServer } from './demoServer.ts';
import { LauncherError } from './onlyOne.ts';
import { step } from './progress.ts';
import { localSecrets } from './secrets.ts';
import { type BackingServers, startBackingServers } from './startBackingServers.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const DEFAULT_PORT = 4012;

/** Starts everything in the order of need, and ends with the addresses that a newcomer opens. */
export async function startAll(context: LauncherContext): Promise<void> {
  const { folder, closers } = context;
  console.log(`Parley starts. Everything it keeps is in ${folder}\n`);
  const secrets = await localSecrets(folder);
  checkEnvironment(secrets);
  const port = await choosePort(environment()['PORT']);
  const demoPort = await freePort(port + 1);
  const demoOrigins = [`http://127.0.0.1:${demoPort}`, `http://localhost:${demoPort}`];
  const servers = await startBackingServers(context, { secrets, codecEndpoint: `${demoOrigins[0]}/codec` });

  await step('Migrations and the demo site', async () => {
    await migrate(servers.databaseOwnerUrl);
    await seedDefaults(servers.databaseUrl, {
      siteKey: 'demo',
      siteName: 'Parley demo shop',
      allowedOrigins: demoOrigins,
      flowDefinition: await loadDemoFlow(),
      documents: await loadKnowledge(),
      agents: [assistant],
    });
  });
  const { file: widgetFile } = await step('Widget', () =>
    buildWidget({ outDir: path.join(root, 'dist'), minify: true }),
  );
  await step('Workflow bundle', () => workflowBundle());

  const env = readEnv({
    MAIL_FOLDER: path.join(folder, 'mail'),
    FILES_FOLDER: path.join(folder, 'files'),
    ...environment(),
    ...servers.variables,
    PORT: String(port),
  });
  const logger = createLogger(environment()['LOG_LEVEL'] ? env.LOG_LEVEL : 'warn', { service: 'parley' });
  installRuntime(logger);
  // Where there is no Redis, one hub in this process serves the worker and the API.
  const hub = env.REDIS_URL ? undefined : createMemoryHub();
  const api = await step('API', async () => {
    const running = await startApi({ env, logger, hub, widgetFile });
    closers.add('API', () => running.close());
    return running;
  });
  await step('Worker', async () => {
    const worker = await startWorker({ env, logger, hub });
    closers.add('Worker', () => worker.close());
    worker.finished.catch((err: unknown) => {
      logger.fatal({ err }, 'the worker failed');
      process.kill(process.pid, 'SIGTERM');
    });
  });
  const demo = await startDemoServer({
    port: demoPort,
    apiUrl: () => api.url,
    temporalUiOrigin: servers.temporalUiUrl,
    serviceToken: env.SERVICE_TOKEN ?? secrets.serviceToken,
  });
  closers.add('Demo page', () => demo.close());
  printAddresses(api.url, demo.url, servers, env);
}

/** The port that was asked for, or else the next free one from 4012. */
async function choosePort(asked: string | undefined): Promise<number> {
  if (asked) {
    if (!(await isPortFree(Number(asked))))
      throw new LauncherError(`Port ${asked} (PORT) is taken by another program.`);
    return Number(asked);
  }
  const port = await freePort(DEFAULT_PORT);
  if (port !== DEFAULT_PORT) console.log(`  Port ${DEFAULT_PORT} is taken; the API uses ${port}.`);
  return port;
}

function printAddresses(apiUrl: string, demoUrl: string, servers: BackingServers, env: Env): void {
  const lines: [string, string][] = [
    ['Demo page', `${demoUrl}   (you as the visitor)`],
    ['Telegram', servers.telegramHint],
    ['Temporal UI', servers.temporalUiUrl ?? 'the one of your own Temporal'],
    ['API docs', `${apiUrl}/docs`],
    ['Mail', env.SMTP_URL ? 'your mail server' : `files in ${env.MAIL_FOLDER}`],
  ];
  console.log('\nParley runs. Open these:\n');
  for (const [name, value] of lines) console.log(`  ${name.padEnd(12)} ${value}`);
  console.log('\nCtrl-C stops everything.\n');
}
