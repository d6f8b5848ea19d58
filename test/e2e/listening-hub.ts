import { test as base } from 'vitest';
import { buildApp } from '../../src/server/app.ts';
import type { Hub } from '../../src/server/hub.ts';
import { freePort } from '../support/hub-command.ts';
import { PART_BYTES } from '../support/lfs-world.ts';
import { openTestHub } from '../support/test-hub.ts';
import { type TestUser, World } from '../support/world.ts';

/** How `@huggingface/hub` is told where to go and as whom. */
export interface ClientOptions {
  readonly hubUrl: string;
  readonly accessToken: string;
}

/** Somebody who uses the hub through a client. */
export interface Person extends ClientOptions {
  readonly user: TestUser;
}

/** A hub that listens, and people who use it. */
export class ListeningHub extends World {
  readonly url: string;

  constructor(hub: Hub) {
    super(hub);
    this.url = hub.config.baseUrl;
  }

  async person(): Promise<Person> {
    return this.as(await this.user());
  }

  /** The same person with a token that may only read. */
  async reader(person: Person): Promise<Person> {
    return this.as(await this.readToken(person.user));
  }

  private as(user: TestUser): Person {
    return { user, hubUrl: this.url, accessToken: user.token };
  }
}

/** `hub`: one listening hub for each test file. Its LFS objects go in parts from 5 MiB on. */
export const it = base.extend('hub', { scope: 'file' }, async ({}, { onCleanup }) => {
  const port = await freePort();
  const test = await openTestHub({
    BASE_URL: `http://127.0.0.1:${port}`,
    LFS_MULTIPART_THRESHOLD_BYTES: String(PART_BYTES),
    LFS_MULTIPART_CHUNK_SIZE_BYTES: String(PART_BYTES),
  });
  const app = await buildApp(test.hub);
  await app.listen({ port, host: '127.0.0.1' });
  onCleanup(async () => {
    await app.close();
    await test.close();
  });
  return new ListeningHub(test.hub);
});

/** Everything that a list of the client yields, page by page. */
export async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** A safetensors file: 8 bytes of header length, the header, the tensors' bytes. */
export function safetensors(tensors: Readonly<Record<string, readonly number[]>>): Blob {
  let offset = 0;
  const entries = Object.entries(tensors).map(([name, shape]) => {
    const bytes = 4 * shape.reduce((product, length) => product * length, 1);
    const entry = { dtype: 'F32', shape, data_offsets: [offset, offset + bytes] };
    offset += bytes;
    return [name, entry];
  });
  const header = Buffer.from(JSON.stringify(Object.fromEntries(entries)));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return new Blob([length, header, new Uint8Array(offset)]);
}
