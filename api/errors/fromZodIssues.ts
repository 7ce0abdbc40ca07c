import { CodedError, type ErrorDetail } from '../../contracts/errors.ts';
import { MAX_MESSAGE_LENGTH } from '../../contracts/message.ts';

/** What is used of a zod issue. */
interface Issue {
  code: string;
  message: string;
  path: readonly PropertyKey[];
}

/** What a schema found wrong with a request or a frame. Says where and what, never with which value. */
export function fromZodIssues(issues: readonly Issue[]): CodedError {
  const details = issues.map(toDetail);
  const tooLong = issues.some(({ code, path }) => code === 'too_big' && path.join('/') === 'text');
  if (tooLong) {
    return new CodedError('message_too_long', `A message may have ${MAX_MESSAGE_LENGTH} characters.`, { details });
  }
  return new CodedError('invalid_request', 'The request does not have the expected shape.', { details });
}

function toDetail({ path, message }: Issue): ErrorDetail {
  return { path: path.map((part) => `/${String(part)}`).join(''), message };
}
