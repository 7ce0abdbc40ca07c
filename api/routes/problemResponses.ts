import { ERROR_STATUS, type ErrorCode } from '../../contracts/errors.ts';
import { problemSchema } from '../../contracts/webchat.ts';

type ProblemResponse = {
  description: string;
  content: { 'application/problem+json': { schema: typeof problemSchema } };
};

/** What every route may answer. */
const COMMON: ErrorCode[] = ['rate_limited', 'internal', 'shutting_down'];

/**
 * The error answers of a route for its OpenAPI description: one response a status, naming the codes behind it. Those that any
 * route may answer are among them.
 */
export function problemResponses(...codes: ErrorCode[]): Record<number, ProblemResponse> {
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of [...codes, ...COMMON])
    byStatus.set(ERROR_STATUS[code], [...(byStatus.get(ERROR_STATUS[code]) ?? []), code]);
  const entries = [...byStatus].map(([status, names]) => [status, describeProblem(names)] as const);
  return Object.fromEntries(entries);
}

/** What any route with a JSON body may answer before its own work begins. */
export const BODY_PROBLEMS: ErrorCode[] = [
  'invalid_json',
  'invalid_request',
  'payload_too_large',
  'unsupported_media_type',
];

function describeProblem(codes: ErrorCode[]): ProblemResponse {
  return {
    description: `code: ${codes.join(', ')}`,
    content: { 'application/problem+json': { schema: problemSchema } },
  };
}
