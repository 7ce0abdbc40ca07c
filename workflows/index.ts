export { conversation } from './conversation/conversation.ts';
export { erasure } from './erasure/erasure.ts';
export { groupNotices } from './sweeps/groupNotices.ts';
export { retentionSweep } from './sweeps/retentionSweep.ts';
export { webhookSweep } from './sweeps/webhookSweep.ts';
export { webhook } from './webhooks/webhook.ts';
