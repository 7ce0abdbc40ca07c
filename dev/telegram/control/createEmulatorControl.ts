import type { EmulatorControl } from './emulatorControl.ts';

const names: Record<keyof EmulatorControl, true> = {
  addBot: true,
  addGroup: true,
  addUser: true,
  addMember: true,
  setRights: true,
  setStatus: true,
  kick: true,
  setPrivacy: true,
  revokeToken: true,
  setToken: true,
  postMessage: true,
  postPhoto: true,
  postDocument: true,
  postVoice: true,
  postLocation: true,
  postContact: true,
  editMessage: true,
  editMedia: true,
  deleteMessage: true,
  react: true,
  pressButton: true,
  callbackAnswer: true,
  createTopic: true,
  renameTopic: true,
  closeTopic: true,
  reopenTopic: true,
  deleteTopic: true,
  setForum: true,
  renameGroup: true,
  upgradeGroup: true,
  describeGroup: true,
  listTopics: true,
  listMessages: true,
  listCalls: true,
  clearCalls: true,
  listUpdates: true,
  listCommands: true,
  repeatUpdate: true,
  queueUpdate: true,
  injectFault: true,
  listFaults: true,
  clearFaults: true,
  setLimits: true,
};

async function request(url: string, input: unknown): Promise<unknown> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(input ?? {}),
  });
  const text = await response.text();
  const body = text === '' ? undefined : (JSON.parse(text) as unknown);
  if (!response.ok) throw new Error((body as { error?: string } | undefined)?.error ?? `HTTP ${response.status}`);
  return body;
}

/** Controls an emulator that runs as a process of its own. @param url as in its line of output, `http://127.0.0.1:<port>` */
export function createEmulatorControl(url: string): EmulatorControl {
  const calls = Object.keys(names).map((name) => [
    name,
    (input?: unknown) => request(`${url}/_control/${name}`, input),
  ]);
  return Object.fromEntries(calls) as EmulatorControl;
}
