import { type Browser, chromium } from 'playwright-core';
import { ensureSystemPackage } from '../../dev/servers/systemPackage.ts';

/** Starts the machine's own Chromium, headless. */
export async function launchChromium(): Promise<Browser> {
  const executablePath = await ensureSystemPackage('chromium');
  // Without a sandbox: containers and CI machines often run as root, where Chromium refuses to start with one.
  return chromium.launch({ executablePath, args: ['--no-sandbox'] });
}
