// Usage: crowdMain.ts URL COUNT. Prints `ready`; when it is told anything, connects so many sockets that never authenticate, and
// prints how long each was let in.
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const BATCH = 50;
const BETWEEN_BATCHES_MS = 25;

const { hostname, port } = new URL(process.argv[2] ?? '');
const count = Number(process.argv[3]);
const upgrade = [
  'GET /v1/ws HTTP/1.1',
  `Host: ${hostname}:${port}`,
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  '\r\n',
].join('\r\n');

/** Milliseconds from the connect to the end that the server made of it; whatever the server says is not answered. */
async function stay(): Promise<number> {
  const began = performance.now();
  const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
  socket.write(upgrade);
  socket.resume();
  await Promise.race([once(socket, 'end'), once(socket, 'close')]);
  socket.destroy();
  return performance.now() - began;
}

console.log('ready');
await once(process.stdin, 'data');
process.stdin.destroy();
const stays: Promise<number>[] = [];
while (stays.length < count) {
  for (let turn = 0; turn < BATCH && stays.length < count; turn += 1) stays.push(stay());
  await sleep(BETWEEN_BATCHES_MS);
}
console.log(JSON.stringify(await Promise.all(stays)));
