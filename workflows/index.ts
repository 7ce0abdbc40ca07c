export { conversation } from './conversation/conversation.ts';
export { erasure } from './erasure/erasure.ts';
export { retentionSweep } from './sweeps/retentionSweep.ts';
