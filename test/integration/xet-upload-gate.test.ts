import { describe, expect } from 'vitest';
import { xetHashBytes } from '../../src/xet/xet-hash.ts';
import { type SampleXorb, shardOf } from '../fuzz/xet-samples.ts';
import { type HostileWorld, it } from '../support/hostile.ts';
import { fill } from '../support/full-gate.ts';
import { headOf, RawConnection, sendRaw } from '../support/raw-http.ts';
import { fileHashOf, forgedShard, term } from '../support/xet-forge.ts';
import { chunksOf, packFiles, xorbFrom } from '../support/xet-pack.ts';
import { type XetConnection, XetWorld } from '../support/xet-world.ts';

async function connectNew(hostile: HostileWorld) {
  const xet = new XetWorld(hostile.hub, hostile.app);
  const owner = await xet.user();
  const repo = await xet.bareRepo(owner);
  return { xet, to: await xet.connect(owner, repo), gates: hostile.hub.deps.xet.gates };
}

function xorbRequest(to: XetConnection, xorb: SampleXorb) {
  return {
    method: 'POST',
    target: `${to.casPath}/v1/xorbs/default/${xorb.hash}`,
    headers: [`authorization: Bearer ${to.token}`],
    body: xorb.body,
  };
}

describe('when the hub is busy', () => {
  it('lets uploads wait, with their bodies unread, and turns away those behind a long queue', async ({
    hostile,
  }) => {
    const { xet, to, gates } = await connectNew(hostile);
    const xorb = xorbFrom(chunksOf(xet.randomBytes(100_000)));
    const request = xorbRequest(to, xorb);
    const leave = await fill(gates.spool);
    const first = sendRaw(hostile.port, request);
    await expect.poll(() => gates.spool.waitingCount).toBe(1);
    const waiting = await Promise.all(
      Array.from({ length: 63 }, async () => {
        const connection = await RawConnection.open(hostile.port);
        await connection.write(headOf(request));
        return connection;
      }),
    );
    await expect.poll(() => gates.spool.waitingCount).toBe(64);
    const { status, headers } = await sendRaw(hostile.port, request);
    expect([status, headers['x-error-code'], headers['retry-after']]).toEqual([503, 'Unavailable', '5']);

    for (const connection of waiting) connection.close();
    await expect.poll(() => gates.spool.waitingCount).toBe(1);
    await leave();
    expect(await first).toMatchObject({ status: 200, body: '{"was_inserted":true}' });
  });

  it('turns shards away before their stream begins', async ({ hostile }) => {
    const { xet, to, gates } = await connectNew(hostile);
    const packed = packFiles([xet.randomBytes(1000)]);
    await xet.postXorb(to, packed.xorbs[0]!);
    const leave = await fill(gates.shards);
    const waiting = Array.from({ length: 64 }, () => xet.postShard(to, shardOf(packed), '/v2/shards'));
    await expect.poll(() => gates.shards.waitingCount).toBe(64);
    const refused = await xet.postShard(to, shardOf(packed), '/v2/shards');
    expect([refused.statusCode, refused.headers['retry-after']]).toEqual([503, '5']);
    await leave();
    const answers = await Promise.all(waiting);
    expect(new Set(answers.map((answer) => answer.statusCode))).toEqual(new Set([200]));
    expect(answers.every((answer) => answer.body.includes('"type":"result"'))).toBe(true);
  });
});

describe('a client that does not send its body', () => {
  it('is cut off, and its room is free again', async ({ hostile }) => {
    const { xet, to, gates } = await connectNew(hostile);
    const before = await hostile.traces();
    const xorb = xorbFrom(chunksOf(xet.randomBytes(100_000)));
    const connection = await RawConnection.open(hostile.port);
    await connection.write(headOf(xorbRequest(to, xorb)));
    await connection.write(xorb.body.subarray(0, 1000));
    const { status, body } = await connection.answer();
    expect([status, body]).toEqual([400, '{"error":"The body arrives too slowly."}']);
    await (
      await fill(gates.spool)
    )();
    expect(await hostile.traces()).toEqual(before);
  });

  it('holds nothing that others need who have sent theirs', async ({ hostile }) => {
    const { xet, to, gates } = await connectNew(hostile);
    const leave = await fill(gates.xorbs);
    const [slow, sent] = [1, 2].map(() => xorbFrom(chunksOf(xet.randomBytes(100_000))));
    const connection = await RawConnection.open(hostile.port);
    await connection.write(headOf(xorbRequest(to, slow!)));
    await connection.write(slow!.body.subarray(0, 1000));
    const answer = sendRaw(hostile.port, xorbRequest(to, sent!));
    await expect.poll(() => gates.xorbs.waitingCount).toBe(1);
    await leave();
    expect((await answer).status).toBe(200);
    await connection.write(slow!.body.subarray(1000));
    expect((await connection.answer()).status).toBe(200);
  });

  it('may go away in the middle', async ({ hostile }) => {
    const { xet, to, gates } = await connectNew(hostile);
    const before = await hostile.traces();
    const xorb = xorbFrom(chunksOf(xet.randomBytes(100_000)));
    const connection = await RawConnection.open(hostile.port);
    await connection.write(headOf(xorbRequest(to, xorb)));
    await connection.write(xorb.body.subarray(0, 50_000));
    connection.close();
    await (
      await fill(gates.spool)
    )();
    expect(await hostile.traces()).toEqual(before);
    expect((await xet.postXorb(to, xorb)).statusCode).toBe(200);
  });
});

describe('a client that leaves while its files are hashed', () => {
  it('makes no more work, and its file is not registered', async ({ hostile }) => {
    const { xet, to, gates } = await connectNew(hostile);
    const chunk = Buffer.alloc(131_072, xet.name('zeros'));
    const xorb = xorbFrom(
      Array.from({ length: 512 }, () => chunk),
      1,
    );
    expect((await xet.postXorb(to, xorb)).statusCode).toBe(200);
    const runs = Array.from({ length: 60 }, () => ({ xorb, start: 0, end: 512 }));
    const hash = fileHashOf(...runs);
    const shard = forgedShard({ hash, terms: runs.map(() => term(xorb)) });
    const leaving = new AbortController();
    const answer = await fetch(`http://127.0.0.1:${hostile.port}${to.casPath}/v2/shards`, {
      method: 'POST',
      headers: { authorization: `Bearer ${to.token}` },
      body: shard,
      signal: leaving.signal,
    });
    const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
    for (let text = ''; !/"verified":[1-9]/.test(text);) text += (await reader.read()).value!;
    leaving.abort();
    await expect(reader.read()).rejects.toThrow('aborted');
    await (
      await fill(gates.registrations)
    )();
    const files = { text: 'select from xet_file where hash = $1', values: [xetHashBytes(hash)] };
    expect(await hostile.hub.deps.sql.query(files)).toEqual([]);
  });
});
