// Stands beside a launcher and ends the servers it started when the launcher is gone, even by kill -9: the launcher's end
// of our stdin then closes. Plain JavaScript, so that it starts in 30 ms and needs no loader.
// Each line of stdin is `+<pid> <signal>` (look after this process group) or `-<pid>` (it has ended).
import { createInterface } from 'node:readline';

const GRACE_MS = 5_000;
const tethered = new Map();

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {});

function send(pid, signal) {
  try {
    process.kill(pid, signal);
    return true;
  } catch {
    return false;
  }
}

async function endAll() {
  for (const [pid, signal] of tethered) send(pid, signal);
  const deadline = Date.now() + GRACE_MS;
  while (Date.now() < deadline && [...tethered.keys()].some((pid) => send(pid, 0))) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  for (const pid of tethered.keys()) send(-pid, 'SIGKILL');
}

const lines = createInterface({ input: process.stdin });
lines.on('line', (line) => {
  const [pid, signal] = line.slice(1).split(' ');
  if (line.startsWith('+')) tethered.set(Number(pid), signal);
  else tethered.delete(Number(pid));
});
lines.on('close', () => void endAll().then(() => process.exit(0)));
