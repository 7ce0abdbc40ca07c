import { defineQuery } from '@temporalio/workflow';
import type { ErasureProgress } from '../../contracts/erasure.ts';

/** The name under which the workflow of an erasure is registered. */
export const ERASURE_WORKFLOW = 'erasure';

/** How far is it? */
export const progressQuery = defineQuery<ErasureProgress>('progress');
