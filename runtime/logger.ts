import { type DestinationStream, type Logger, type LoggerOptions, pino } from 'pino';

/** Beside what is never passed to the logger in the first place: a second line of defence. */
const REDACTED = ['authorization', 'token', 'challenge', 'text', 'password', 'secret'].flatMap((name) => [
  name,
  `*.${name}`,
  `*.*.${name}`,
]);

/** JSON lines, on stdout by default. Requests appear by method and route; never their path, query, headers or body. */
export function createLogger(
  level: LoggerOptions['level'],
  { service = 'parley-api', destination }: { service?: string; destination?: DestinationStream } = {},
): Logger {
  const options: LoggerOptions = {
    level,
    base: { service },
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: REDACTED, censor: '[redacted]' },
    serializers: { err: pino.stdSerializers.err, req: describeRequest },
  };
  return destination ? pino(options, destination) : pino(options);
}

/** The route's pattern instead of the path: a path may hold a secret (the webhook's). */
function describeRequest({ method, routeOptions }: { method?: string; routeOptions?: { url?: string } }) {
  return { method, route: routeOptions?.url };
}
