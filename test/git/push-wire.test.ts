import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, vi } from 'vitest';
import type { RepoRef } from '../../src/domain/repo/repo-ref.ts';
import { encodeCommit } from '../../src/git/commit.ts';
import { hashObject, type ObjectType } from '../../src/git/object.ts';
import { type Oid, ZERO_OID } from '../../src/git/oid.ts';
import type { ObjectToPack } from '../../src/git/pack-entry.ts';
import { buildPack } from '../../src/git/pack-writer.ts';
import { encodePkt, FLUSH_PKT, parsePkts, pktText } from '../../src/git/pkt-line.ts';
import { encodeTag } from '../../src/git/tag.ts';
import { encodeTree, type TreeEntry } from '../../src/git/tree.ts';
import type { TestUser } from '../support/world.ts';
import { type GitWorld, it } from './git-hub.ts';

const CAPABILITIES = 'report-status side-band-64k object-format=sha1';
const SIGNATURE = { name: 'A', email: 'a@example.org', at: new Date(1_800_000_000_000), tzMinutes: 0 };

function object(type: ObjectType, bytes: Buffer): ObjectToPack {
  return { oid: hashObject(type, bytes), type, bytes };
}

function treeOf(entries: readonly TreeEntry[]): ObjectToPack {
  return object('tree', encodeTree(entries));
}

function commitOf(tree: Oid, parents: readonly Oid[], message = 'raw\n'): ObjectToPack {
  return object('commit', encodeCommit({ tree, parents, author: SIGNATURE, committer: SIGNATURE, message }));
}

/** A commit with one file, and all that it is made of. */
function change(parents: readonly Oid[], text = 'text'): { tip: Oid; objects: ObjectToPack[] } {
  const blob = object('blob', Buffer.from(text));
  const tree = treeOf([{ name: 'a.txt', mode: '100644', oid: blob.oid }]);
  const commit = commitOf(tree.oid, parents);
  return { tip: commit.oid, objects: [blob, tree, commit] };
}

interface Command {
  readonly old: string;
  readonly new: string;
  readonly ref: string;
}

function commandsOf(commands: readonly Command[], capabilities = CAPABILITIES): Buffer {
  const lines = commands.map((command, index) =>
    encodePkt(`${command.old} ${command.new} ${command.ref}${index === 0 ? `\0${capabilities}` : ''}`),
  );
  return Buffer.concat([...lines, FLUSH_PKT]);
}

function pushOf(
  commands: readonly Command[],
  objects: readonly ObjectToPack[],
  capabilities?: string,
): Buffer {
  return Buffer.concat([commandsOf(commands, capabilities), buildPack(objects).pack]);
}

interface Answer {
  readonly status: number;
  readonly body: Buffer;
  /** Lines of the report. */
  readonly report: readonly string[];
  /** What is shown to the user. */
  readonly messages: string;
}

async function send(
  world: GitWorld,
  { user, repo }: { user: TestUser; repo: RepoRef },
  body: Buffer,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(`${world.remote(repo)}/git-receive-pack`, {
    method: 'POST',
    headers: { ...user.headers, 'content-type': 'application/x-git-receive-pack-request', ...headers },
    body: new Uint8Array(body),
  });
  return read(response.status, Buffer.from(await response.arrayBuffer()));
}

function read(status: number, body: Buffer): Answer {
  const bands: Record<number, Buffer[]> = { 1: [], 2: [] };
  if (status === 200) for (const payload of payloads(body)) bands[payload[0]!]?.push(payload.subarray(1));
  const report = payloads(Buffer.concat(bands[1]!)).map(pktText);
  return { status, body, report, messages: Buffer.concat(bands[2]!).toString() };
}

function payloads(bytes: Buffer): Buffer[] {
  const pkts = [...parsePkts(bytes, { totalBytes: 1e7, count: 1e5 })];
  return pkts.flatMap((pkt) => (pkt.kind === 'data' ? [pkt.payload] : []));
}

async function opened(world: GitWorld): Promise<{ user: TestUser; repo: RepoRef; head: Oid }> {
  const user = await world.user();
  const repo = await world.repo(user);
  return { user, repo, head: (await world.headOf(user, repo)) as Oid };
}

const MAIN = 'refs/heads/main';

describe('a request', () => {
  it('of a flush alone, or of nothing, tries credentials', async ({ world }) => {
    const at = await opened(world);
    for (const body of ['0000', '']) {
      expect(await send(world, at, Buffer.from(body))).toMatchObject({ status: 200, body: Buffer.alloc(0) });
    }
  });

  it('may be compressed, and in chunks', async ({ world, client }) => {
    const at = await opened(world);
    const { tip, objects } = change([at.head]);
    const body = pushOf([{ old: at.head, new: tip, ref: MAIN }], objects);
    const answer = await send(world, at, gzipSync(body), { 'content-encoding': 'gzip' });
    expect(answer.report).toEqual(['unpack ok', `ok ${MAIN}`]);
    await client.git('clone', '-q', world.remote(at.repo, at.user), 'c');
    await client.write('c', { 'b.bin': randomBytes(300_000) });
    const head = await client.commitAll('c');
    const end = await client.try(
      '-C',
      client.path('c'),
      '-c',
      'http.postBuffer=1000',
      'push',
      'origin',
      'main',
    );
    expect([end.code, await world.headOf(at.user, at.repo)]).toEqual([0, head]);
  });

  it('may want no sideband, and no report', async ({ world }) => {
    const at = await opened(world);
    const first = change([at.head], '1');
    const plain = await send(
      world,
      at,
      pushOf([{ old: at.head, new: first.tip, ref: MAIN }], first.objects, 'report-status'),
    );
    expect(payloads(plain.body).map(pktText)).toEqual(['unpack ok', `ok ${MAIN}`]);
    const second = change([first.tip], '2');
    const silent = await send(
      world,
      at,
      pushOf([{ old: first.tip, new: second.tip, ref: MAIN }], second.objects, 'quiet'),
    );
    expect(silent.body.length).toBe(0);
    expect(await world.headOf(at.user, at.repo)).toBe(second.tip);
  });

  it.for([
    ['a wrong length', 'zzzz'],
    ['a line of the length three', '0003'],
    ['a line cut off', '00a0'],
    ['text', 'GET / HTTP/1.1\r\n\r\n'],
    ['no command', `${encodePkt(`shallow ${'a'.repeat(40)}`).toString()}0000`],
    ['a half command', `${encodePkt(`${ZERO_OID} refs/heads/x`).toString()}0000`],
    ['an id in capitals', `${encodePkt(`${ZERO_OID} ${'A'.repeat(40)} refs/heads/x`).toString()}0000`],
    [
      'a name with a line feed',
      `${encodePkt(`${ZERO_OID} ${'a'.repeat(40)} refs/heads/x\ny`).toString()}0000`,
    ],
    [
      'another object format',
      commandsOf([{ old: ZERO_OID, new: 'a'.repeat(40), ref: MAIN }], 'object-format=sha256').toString(),
    ],
    [
      'push options',
      commandsOf([{ old: ZERO_OID, new: 'a'.repeat(40), ref: MAIN }], 'push-options').toString(),
    ],
    ['a signed push', `${encodePkt('push-cert\0push-cert=x\n').toString()}0000`],
    [
      'one ref twice',
      commandsOf([
        { old: ZERO_OID, new: 'a'.repeat(40), ref: 'refs/heads/x' },
        { old: ZERO_OID, new: 'b'.repeat(40), ref: 'refs/heads/x' },
      ]).toString(),
    ],
  ] as const)('with %s is refused', async ([, body], { world }) => {
    const at = await opened(world);
    expect((await send(world, at, Buffer.from(body))).status).toBe(400);
  });

  it('with endless commands is refused before they are held', async ({ world }) => {
    const at = await opened(world);
    const line = encodePkt(`${ZERO_OID} ${'a'.repeat(40)} refs/heads/${'x'.repeat(4000)}`);
    const answer = await send(world, at, Buffer.concat(Array.from({ length: 1100 }, () => line)));
    expect([answer.status, answer.body.toString()]).toEqual([
      400,
      expect.stringContaining('too many commands'),
    ]);
  });
});

describe('a command', () => {
  it('from nothing to nothing does nothing', async ({ world }) => {
    const at = await opened(world);
    const answer = await send(world, at, commandsOf([{ old: ZERO_OID, new: ZERO_OID, ref: 'refs/heads/x' }]));
    expect(answer.report).toEqual(['unpack ok', 'ok refs/heads/x']);
    expect((await world.hub.services().refs.list(at.user.actor, at.repo)).branches).toHaveLength(1);
  });

  it('that is too late leaves the ref, whatever it wants', async ({ world }) => {
    const at = await opened(world);
    const { tip, objects } = change([at.head]);
    const other = '1'.repeat(40);
    const refs = ['refs/heads/moved', 'refs/heads/gone', MAIN];
    for (const name of ['moved', 'taken'])
      await world.hub.services().refs.createBranch(at.user.actor, at.repo, name, null);
    const commands = [
      { old: other, new: tip, ref: refs[0]! },
      { old: other, new: ZERO_OID, ref: refs[1]! },
      { old: ZERO_OID, new: tip, ref: 'refs/heads/taken' },
      { old: at.head, new: tip, ref: MAIN },
    ];
    const atomic = await send(world, at, pushOf(commands, objects, `${CAPABILITIES} atomic`));
    expect(atomic.report).toEqual([
      'unpack ok',
      'ng refs/heads/moved fetch first',
      'ng refs/heads/gone fetch first',
      'ng refs/heads/taken reference already exists',
      `ng ${MAIN} atomic push failure`,
    ]);
    expect(await world.headOf(at.user, at.repo)).toBe(at.head);
    const each = await send(world, at, pushOf(commands, objects));
    expect(each.report.at(-1)).toBe(`ok ${MAIN}`);
    expect(each.report.filter((line) => line.startsWith('ng '))).toHaveLength(3);
    expect(await world.headOf(at.user, at.repo)).toBe(tip);
  });

  it('names a commit that is there', async ({ world }) => {
    const at = await opened(world);
    const { tip, objects } = change([at.head]);
    const [blob, tree] = objects;
    const tag = object(
      'tag',
      encodeTag({ object: tree!.oid, type: 'tree', name: 't', tagger: SIGNATURE, message: 't\n' }),
    );
    const refs = { blob: blob!.oid, tree: tree!.oid, tag: tag.oid, commit: tip };
    const commands = Object.entries(refs).map(([name, oid]) => ({
      old: ZERO_OID,
      new: oid,
      ref: `refs/heads/${name}`,
    }));
    commands.push({ old: ZERO_OID, new: tag.oid, ref: 'refs/tags/t' });
    const answer = await send(world, at, pushOf(commands, [...objects, tag]));
    expect(answer.report).toEqual([
      'unpack ok',
      'ng refs/heads/blob this ref must name a commit',
      'ng refs/heads/tree this ref must name a commit',
      'ng refs/heads/tag this ref must name a commit',
      'ok refs/heads/commit',
      'ng refs/tags/t a tag must lead to a commit',
    ]);
    const absent = await send(world, at, pushOf([{ old: at.head, new: '1'.repeat(40), ref: MAIN }], []));
    expect(absent.report).toEqual(['unpack ok', `ng ${MAIN} missing necessary objects`]);
  });
});

describe('a pack', () => {
  const damages: Readonly<Record<string, (pack: Buffer) => Buffer>> = {
    'that is no pack': () => Buffer.from('this is not a pack at all, and never was one'),
    'of nothing': () => Buffer.alloc(0),
    'with a wrong checksum': (pack) => Buffer.concat([pack.subarray(0, -1), Buffer.of(pack.at(-1)! ^ 1)]),
    'that is cut off': (pack) => pack.subarray(0, -30),
    'with a flipped bit': (pack) =>
      Buffer.concat([pack.subarray(0, 20), Buffer.of(pack[20]! ^ 4), pack.subarray(21)]),
    'that announces more objects': (pack) =>
      Buffer.concat([pack.subarray(0, 8), Buffer.of(0xff, 0xff, 0xff, 0xff), pack.subarray(12)]),
    'of version 9': (pack) => Buffer.concat([pack.subarray(0, 4), Buffer.of(0, 0, 0, 9), pack.subarray(8)]),
  };

  it.for(Object.keys(damages))('%s is refused', async (name, { world }) => {
    const at = await opened(world);
    const { tip, objects } = change([at.head]);
    const pack = damages[name]!(buildPack(objects).pack);
    const body = Buffer.concat([commandsOf([{ old: at.head, new: tip, ref: MAIN }]), pack]);
    const answer = await send(world, at, body);
    expect(answer.report).toEqual(['unpack index-pack abnormal exit', `ng ${MAIN} unpacker error`]);
    expect(answer.messages).toMatch(/fatal|error/);
    expect(await world.headOf(at.user, at.repo)).toBe(at.head);
  });

  it('that lacks something is refused', async ({ world }) => {
    const at = await opened(world);
    const { tip, objects } = change([at.head]);
    for (const missing of objects.keys()) {
      const body = pushOf([{ old: at.head, new: tip, ref: MAIN }], objects.toSpliced(missing, 1));
      expect((await send(world, at, body)).report).toEqual([
        'unpack ok',
        `ng ${MAIN} missing necessary objects`,
      ]);
    }
    const orphan = change(['2'.repeat(40) as Oid]);
    const answer = await send(
      world,
      at,
      pushOf([{ old: at.head, new: orphan.tip, ref: MAIN }], orphan.objects),
    );
    expect(answer.report.at(-1)).toBe(`ng ${MAIN} missing necessary objects`);
  });

  it('brings nothing that is not reachable', async ({ world }) => {
    const at = await opened(world);
    const { tip, objects } = change([at.head]);
    const loose = object('blob', randomBytes(5000));
    const body = pushOf([{ old: at.head, new: tip, ref: MAIN }], [...objects, loose]);
    expect((await send(world, at, body)).report).toEqual(['unpack ok', `ok ${MAIN}`]);
    const [row] = await world.hub.deps.sql.query<{ count: number }>({
      text: 'select count(*)::int as count from git_object where oid = $1',
      values: [Buffer.from(loose.oid, 'hex')],
    });
    expect(row!.count).toBe(0);
  });

  it('that swells when it is unpacked is refused by its size', async ({ world }) => {
    const at = await opened(world);
    const blob = object('blob', Buffer.alloc(150 * 2 ** 20));
    const tree = treeOf([{ name: 'zeros', mode: '100644', oid: blob.oid }]);
    const commit = commitOf(tree.oid, [at.head]);
    const body = pushOf([{ old: at.head, new: commit.oid, ref: MAIN }], [blob, tree, commit]);
    expect(body.length).toBeLessThan(2 ** 20);
    const answer = await send(world, at, body);
    expect(answer.messages).toContain('files larger than 10 MiB');
    expect(answer.report).toEqual(['unpack ok', `ng ${MAIN} pre-receive hook declined`]);
  });

  it('whose trees are folded like paper is refused', { timeout: 120_000 }, async ({ world }) => {
    const at = await opened(world);
    const blob = object('blob', Buffer.from('x'));
    let last = treeOf([{ name: 'f', mode: '100644', oid: blob.oid }]);
    const objects = [blob, last];
    for (let level = 0; level < 12; level++) {
      const { oid } = last;
      last = treeOf(
        Array.from({ length: 10 }, (_, index) => ({ name: `d${index}`, mode: '40000', oid }) as const),
      );
      objects.push(last);
    }
    const commit = commitOf(last.oid, [at.head]);
    const answer = await send(
      world,
      at,
      pushOf([{ old: at.head, new: commit.oid, ref: MAIN }], [...objects, commit]),
    );
    expect(answer.messages).toContain('change more than 1000000 paths');
    expect(await world.headOf(at.user, at.repo)).toBe(at.head);
  });

  it('may stand before a stream that stays open, as over SSH', async ({ world }) => {
    const at = await opened(world);
    const { tip, objects } = change([at.head]);
    const body = pushOf([{ old: at.head, new: tip, ref: MAIN }], objects);
    async function* open(): AsyncGenerator<Buffer> {
      for (let sent = 0; sent < body.length; sent += 7) yield body.subarray(sent, sent + 7);
      await new Promise(() => {});
    }
    const call = { input: open(), signal: new AbortController().signal, via: 'git-ssh' } as const;
    const chunks: Buffer[] = [];
    for await (const chunk of await world.hub.services().gitPushes.receivePack(at.user.actor, at.repo, call))
      chunks.push(chunk);
    expect(read(200, Buffer.concat(chunks)).report).toEqual(['unpack ok', `ok ${MAIN}`]);
    expect(await world.headOf(at.user, at.repo)).toBe(tip);
  });

  it('that is never sent to its end leaves nothing', async ({ world }) => {
    const at = await opened(world);
    const { tip, objects } = change([at.head], randomBytes(400_000).toString('hex'));
    const body = pushOf([{ old: at.head, new: tip, ref: MAIN }], objects);
    const sending = request(`${world.remote(at.repo)}/git-receive-pack`, {
      method: 'POST',
      headers: { ...at.user.headers, 'content-length': body.length },
    });
    sending.on('error', () => {});
    sending.write(body.subarray(0, 300_000));
    const views = join(world.cacheDirectory, 'views');
    await vi.waitFor(async () => expect(await readdir(views)).toHaveLength(1), 20_000);
    sending.destroy();
    await vi.waitFor(async () => expect(await readdir(views)).toEqual([]), 20_000);
    await vi.waitFor(() => expect(world.hub.deps.git.runner.runningCount).toBe(0), 20_000);
    const sessions = await world.hub.deps.sql.query({ text: 'select 1 from write_session' });
    expect(sessions).toEqual([]);
    expect(await world.headOf(at.user, at.repo)).toBe(at.head);
  });
});

it('pushes of one branch at once are one after the other', async ({ world }) => {
  const at = await opened(world);
  const answers = await Promise.all(
    ['1', '2', '3', '4', '5', '6'].map((text) => {
      const { tip, objects } = change([at.head], text);
      return send(world, at, pushOf([{ old: at.head, new: tip, ref: MAIN }], objects));
    }),
  );
  const last = answers.map(({ report }) => report.at(-1));
  expect(last.filter((line) => line === `ok ${MAIN}`)).toHaveLength(1);
  expect(last.filter((line) => line === `ng ${MAIN} fetch first`)).toHaveLength(5);
});

it('a push of thousands of refs is one statement for all of them', async ({ world, client }) => {
  const at = await opened(world);
  const refs = Array.from({ length: 3000 }, (_, index) => `refs/tags/t${index}`);
  const body = pushOf(
    refs.map((ref) => ({ old: ZERO_OID, new: at.head, ref })),
    [],
  );
  const { report } = await send(world, at, body);
  expect(report.filter((line) => line.startsWith('ok '))).toHaveLength(3000);
  expect((await client.git('ls-remote', '--tags', world.remote(at.repo))).split('\n')).toHaveLength(3000);
  const deletion = commandsOf(refs.map((ref) => ({ old: at.head, new: ZERO_OID, ref })));
  expect((await send(world, at, deletion)).report).toHaveLength(3001);
  expect(await client.git('ls-remote', '--tags', world.remote(at.repo))).toBe('');
});
