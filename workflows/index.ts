export { conversation } from './conversation/conversation.ts';
