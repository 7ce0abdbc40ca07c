import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CodedError } from '../../contracts/errors.ts';
import type { FlowDefinition } from '../../contracts/flow.ts';
import { parseFlow } from '../../flows/parseFlow.ts';

/** The demo shop's flow. Throws `invalid_flow` with every place that is wrong, for whoever plays with the file. */
export async function loadDemoFlow(): Promise<FlowDefinition> {
  const parsed = parseFlow(JSON.parse(await readFile(join(import.meta.dirname, 'flow.json'), 'utf8')));
  if (parsed.ok) return parsed.flow;
  const places = parsed.details.map(({ path, message }) => `${path}: ${message}`).join('; ');
  throw new CodedError('invalid_flow', `dev/demo/flow.json: ${places}`, { details: parsed.details });
}
