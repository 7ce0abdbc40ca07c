import { z } from 'zod';
export const flowDefinitionSchema = z.object({});
export type FlowDefinition = z.infer<typeof flowDefinitionSchema>;
