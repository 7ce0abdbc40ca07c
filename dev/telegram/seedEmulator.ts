import type { EmulatorControl } from './control/emulatorControl.ts';

export interface SeedAgent {
  userId?: number;
  name: string;
  /** Null: an agent without a username. */
  username?: string | null;
}

/** What a new emulator begins with. */
export interface EmulatorSeed {
  botToken: string;
  botUsername?: string;
  /** More bots of the same group, each with a budget of its own. */
  moreBotTokens?: string[];
  groupId: number;
  groupTitle?: string;
  agents?: SeedAgent[];
}

const sampleAgents: SeedAgent[] = [
  { userId: 7_000_000_001, name: 'Agent A', username: 'agent_a' },
  { userId: 7_000_000_002, name: 'Agent B', username: 'agent_b' },
];

/** Makes the group with its bots and agents. */
export async function seedEmulator(control: EmulatorControl, seed: EmulatorSeed): Promise<void> {
  const { groupId } = await control.addGroup({ groupId: seed.groupId, title: seed.groupTitle ?? 'Support' });
  for (const [index, { userId, name, username }] of (seed.agents ?? sampleAgents).entries()) {
    const added = await control.addUser({ userId, firstName: name, ...(username && { username }) });
    await control.addMember({ groupId, userId: added.userId, status: index === 0 ? 'creator' : 'administrator' });
  }
  for (const token of [seed.botToken, ...(seed.moreBotTokens ?? [])]) {
    const username = token === seed.botToken ? seed.botUsername : undefined;
    const { botId } = await control.addBot({ token, ...(username && { username }) });
    await control.addMember({ groupId, userId: botId });
  }
}
