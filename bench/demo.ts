import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HubClient } from '../test/support/hub-client.ts';
import { HubProcess } from '../test/support/hub-process.ts';

/** Starts a throw-away hub, puts a small model and a large file in, gets them back and compares hashes. */

const LARGE_BYTES = 64 * 1024 * 1024;

const dataDir = await mkdtemp(join(tmpdir(), 'hub-demo-'));
const started = performance.now();

async function step<T>(what: string, work: () => Promise<T>): Promise<T> {
  const start = performance.now();
  const result = await work();
  console.log(`${what.padEnd(58)} ${(performance.now() - start).toFixed(0).padStart(6)} ms`);
  return result;
}

const hub = await step('start PostgreSQL and the hub on an empty directory', () =>
  HubProcess.start({ dataDir }),
);
try {
  const { token } = await step('make the account "demo" and a token', () => hub.account('demo'));
  const client = new HubClient(hub.url, token);
  const repo = 'demo/tiny-model';
  const model: Record<string, Buffer> = {
    'README.md': Buffer.from(
      '---\nlicense: apache-2.0\npipeline_tag: text-classification\n---\n# A tiny model\n',
    ),
    'config.json': Buffer.from(JSON.stringify({ model_type: 'bert', hidden_size: 128 }, null, 2)),
    'vocab.txt': Buffer.from(Array.from({ length: 30_000 }, (_, index) => `token${index}`).join('\n')),
  };
  const large = randomBytes(LARGE_BYTES);

  await step('create the repository demo/tiny-model', () => client.createModel('tiny-model'));
  const oid = await step('commit the model, 3 small files', () =>
    client.commitFiles(repo, model, 'Add the model'),
  );
  await step(`upload and commit model.bin, ${LARGE_BYTES / 2 ** 20} MiB by Git LFS`, () =>
    client.commitLfs(repo, 'model.bin', large),
  );
  for (const [path, content] of Object.entries({ ...model, 'model.bin': large })) {
    const back = await step(`download ${path}`, () => client.download(repo, 'main', path));
    if (sha256(back) !== sha256(content)) throw new Error(`${path} came back with other bytes`);
  }
  console.log(`\nAll files came back with the same SHA-256. The model's commit is ${oid}.`);
} finally {
  await step('stop the hub and PostgreSQL', () => hub.stop());
  await rm(dataDir, { recursive: true, force: true });
}
console.log(`Done in ${((performance.now() - started) / 1000).toFixed(1)} s; nothing is left behind.`);

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
