import { createReadStream } from 'node:fs';
import type { BenchHub } from './bench-hub.ts';
import { Connection } from './connection.ts';
import type { LargeFile } from './large-file.ts';
import { commitHeader } from './small-files.ts';

const PARTS_AT_ONCE = 2;
const READ_BYTES = 2 ** 20;

interface Action {
  readonly href: string;
  readonly header?: Readonly<Record<string, string>>;
}

interface Actions {
  readonly upload: Action;
  readonly verify?: Action;
}

interface BatchAnswer {
  readonly transfer: string;
  readonly objects: readonly { readonly actions?: Actions }[];
}

/** Everything a client does to bring one large file into a repository: batch, bytes, verify, commit. */
export async function uploadLfs(
  hub: BenchHub,
  repo: string,
  { file, transfer }: { readonly file: LargeFile; readonly transfer: 'basic' | 'multipart' },
): Promise<void> {
  const id = { oid: file.sha256, size: file.sizeBytes };
  const answer = (await hub.post(`/${repo}.git/info/lfs/objects/batch`, {
    operation: 'upload',
    transfers: [transfer],
    hash_algo: 'sha256',
    objects: [id],
  })) as BatchAnswer;
  const { actions } = answer.objects[0]!;
  if (answer.transfer !== transfer) throw new Error(`the hub chose ${answer.transfer}`);
  // Without actions the object is here already.
  if (actions) await transferBytes(hub, file, { actions, transfer });
  const line = { key: 'lfsFile', value: { path: pathInRepo(file), algo: 'sha256', ...id } };
  await hub.commit(repo, Buffer.from(`${commitHeader('Add a file')}${JSON.stringify(line)}\n`));
}

async function transferBytes(
  hub: BenchHub,
  file: LargeFile,
  { actions, transfer }: { readonly actions: Actions; readonly transfer: 'basic' | 'multipart' },
): Promise<void> {
  if (transfer === 'basic') await putBytes(actions.upload.href, file, 0, file.sizeBytes);
  else await putParts(file, actions.upload);
  if (!actions.verify) return;
  await hub.post(new URL(actions.verify.href).pathname, { oid: file.sha256, size: file.sizeBytes });
}

/** Its name in the repository. */
export function pathInRepo({ sha256 }: LargeFile): string {
  return `${sha256.slice(0, 8)}.bin`;
}

async function putParts(file: LargeFile, { href, header = {} }: Action): Promise<void> {
  const partBytes = Number(header['chunk_size']);
  const numbers = Object.keys(header).filter((name) => /^\d+$/.test(name));
  const parts: { partNumber: number; etag: string }[] = [];
  const queue = numbers.values();
  const worker = async () => {
    for (const number of queue) {
      const start = (Number(number) - 1) * partBytes;
      const end = Math.min(start + partBytes, file.sizeBytes);
      parts.push({ partNumber: Number(number), etag: await putBytes(header[number]!, file, start, end) });
    }
  };
  await Promise.all(Array.from({ length: PARTS_AT_ONCE }, worker));
  using connection = new Connection();
  await connection.call({
    method: 'POST',
    url: href,
    headers: { 'content-type': 'application/vnd.git-lfs+json' },
    body: Buffer.from(
      JSON.stringify({ oid: file.sha256, parts: parts.toSorted((a, b) => a.partNumber - b.partNumber) }),
    ),
  });
}

/** @returns the ETag of the answer. */
async function putBytes(url: string, file: LargeFile, start: number, end: number): Promise<string> {
  using connection = new Connection();
  const { headers } = await connection.call({
    method: 'PUT',
    url,
    headers: { 'content-length': end - start },
    body: createReadStream(file.path, { start, end: end - 1, highWaterMark: READ_BYTES }),
  });
  return headers.etag ?? '';
}
