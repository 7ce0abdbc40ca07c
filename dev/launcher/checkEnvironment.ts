import { environment, readEnv } from '../../config/env.ts';
import { LauncherError } from './onlyOne.ts';
import type { LocalSecrets } from './secrets.ts';

/**
 * Says what is wrong with the environment before anything starts; what the launcher will provide itself counts as given.
 * Throws `InvalidEnvironmentError` or {@link LauncherError}.
 */
export function checkEnvironment(secrets: LocalSecrets): void {
  const given = Object.fromEntries(Object.entries(environment()).filter(([, value]) => value !== ''));
  readEnv({
    DATABASE_URL: 'postgres://to.be.started/parley',
    CONVERSATION_JWT_SECRET: secrets.jwtSecret,
    MASTER_KEY: secrets.masterKey,
    ...given,
  });
  if ('BOT_TOKEN' in given !== 'SUPPORT_GROUP_ID' in given) {
    throw new LauncherError(
      'BOT_TOKEN and SUPPORT_GROUP_ID belong together: set both, or neither for the Telegram emulator.',
    );
  }
}
