import { createServer } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { Program } from '../support/program.ts';

it('the API ends with one line and code 1 when its port is taken, whatever it was about to connect to', async () => {
  const holder = createServer();
  const port = await new Promise<number>((resolve, reject) => {
    holder.once('error', reject).listen(0, '127.0.0.1', () => {
      const address = holder.address();
      resolve(typeof address === 'object' && address ? address.port : 0);
    });
  });
  onTestFinished(() => void holder.close());
  const api = Program.node('api/server.ts', {
    PORT: String(port),
    // Nobody listens there: what tries to connect keeps trying.
    DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none',
    REDIS_URL: 'redis://127.0.0.1:1',
    TEMPORAL_ADDRESS: '127.0.0.1:1',
    CONVERSATION_JWT_SECRET: 'x'.repeat(32),
    MASTER_KEY: Buffer.alloc(32).toString('base64'),
  });
  onTestFinished(() => api.discard());
  expect(await api.ended).toEqual({ code: 1, signal: null });
  expect(api.output.match(/EADDRINUSE/g)).toHaveLength(1);
  expect(api.output.trim().split('\n')).toHaveLength(1);
});
