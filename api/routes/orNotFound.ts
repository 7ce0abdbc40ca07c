import { CodedError } from '../../contracts/errors.ts';

/** What a query found. Throws `not_found`, with the same words for what another tenant has and for what nobody has. */
export function orNotFound<Found>(found: Found | undefined): Found {
  if (found === undefined) throw new CodedError('not_found', 'There is nothing with this id.');
  return found;
}
