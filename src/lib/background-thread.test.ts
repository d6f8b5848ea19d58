import { getPriority } from 'node:os';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { expect, it } from 'vitest';

it.runIf(process.platform === 'linux')('lowers the priority of its own thread only', async () => {
  const before = getPriority();
  const file = new URL('background-thread.ts', import.meta.url).href;
  const worker = new Worker(
    `import(${JSON.stringify(file)}).then(({ yieldToOthers }) => {
      yieldToOthers();
      require('node:worker_threads').parentPort.postMessage(require('node:os').getPriority());
    })`,
    { eval: true, execArgv: [] },
  );
  expect(await once(worker, 'message')).toEqual([19]);
  expect(getPriority()).toBe(before);
});
