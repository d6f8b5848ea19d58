import { describe, expect } from 'vitest';
import type { Hub } from '../../src/server/hub.ts';
import { it } from '../support/it.ts';

const CARD = `---
license: mit
language: [en]
pipeline_tag: fill-mask
library_name: transformers
datasets: [squad]
model-index: []
---
# About
See arxiv.org/abs/1810.04805.
`;

function safetensors(tensors: Record<string, unknown>): Buffer {
  const header = Buffer.from(JSON.stringify(tensors));
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([prefix, header]);
}

async function promisesOf(hub: Hub, repoId: number): Promise<number> {
  const rows = await hub.deps.sql.query({
    text: `select from outbox where kind = 'index-repo' and (payload ->> 'repoId')::bigint = $1`,
    values: [repoId],
  });
  return rows.length;
}

describe('indexing', () => {
  it('makes card and tags of a commit visible at once', async ({ app, world, hub }) => {
    const ann = await world.user();
    const ref = await world.repo(ann);
    const url = `/api/models/${ann.name}/${ref.name}`;
    await world.commit(ann, ref, { 'README.md': CARD });
    expect((await app.inject({ url })).json()).toMatchObject({
      pipeline_tag: 'fill-mask',
      library_name: 'transformers',
      cardData: { license: 'mit', language: ['en'], datasets: ['squad'] },
      'model-index': [],
      tags: ['transformers', 'fill-mask', 'en', 'dataset:squad', 'license:mit', 'arxiv:1810.04805'],
    });
    const access = await hub.services().access.require(ann.actor, ref, 'read');
    expect(await promisesOf(hub, access.id)).toBe(0);

    await world.commit(ann, ref, { 'README.md': '---\na: [\n---\n' });
    const broken = (await app.inject({ url })).json();
    expect(broken).toMatchObject({ tags: [] });
    expect(broken).not.toHaveProperty('cardData');
  });

  it('of what takes long to parse is done in threads, however it comes', async ({ app, world, hub }) => {
    const ann = await world.user();
    const ref = await world.repo(ann);
    const hostile = `---\na: ${'['.repeat(40_000)}\n---\n`;
    const { metadata } = hub.deps;
    const before = metadata.threadedCount;
    const validation = { content: hostile, repoType: 'model' };
    const validated = app.inject({ method: 'POST', url: '/api/validate-yaml', payload: validation });
    expect((await validated).statusCode).toBe(400);
    expect(metadata.threadedCount - before).toBe(1);
    const file = { path: 'README.md', content: hostile, encoding: 'utf-8' };
    const payload = { name: world.name('made'), type: 'model', files: [file] };
    const made = await app.inject({
      method: 'POST',
      url: '/api/repos/create',
      headers: ann.headers,
      payload,
    });
    expect(made.statusCode).toBe(200);
    expect(metadata.threadedCount - before).toBe(2);
    const header = { w: { dtype: 'F32', shape: [2] }, __metadata__: { long: 'x'.repeat(300_000) } };
    await world.commit(ann, ref, { 'README.md': hostile, 'model.safetensors': safetensors(header) });
    expect(metadata.threadedCount - before).toBe(4);
    const info = await app.inject({ url: `/api/models/${ann.name}/${ref.name}` });
    expect(info.json()).toMatchObject({ safetensors: { parameters: { F32: 2 }, total: 2 } });
    expect(info.json()).not.toHaveProperty('cardData');
  });

  it('counts the parameters of weights, also of split ones', async ({ app, world }) => {
    const ann = await world.user();
    const ref = await world.repo(ann);
    await world.commit(ann, ref, {
      'model-00001-of-00002.safetensors': safetensors({ a: { dtype: 'F32', shape: [2, 3] } }),
      'model-00002-of-00002.safetensors': safetensors({
        b: { dtype: 'BF16', shape: [5] },
        __metadata__: { padding: 'x'.repeat(100_000) },
      }),
      'other/c.safetensors': safetensors({ c: { dtype: 'F32', shape: [100] } }),
    });
    const info = await app.inject({ url: `/api/models/${ann.name}/${ref.name}` });
    expect(info.json()).toMatchObject({
      tags: ['safetensors'],
      safetensors: { parameters: { F32: 6, BF16: 5 }, total: 11 },
    });
  });

  it.for<[string, Buffer]>([
    ['an empty file', Buffer.alloc(0)],
    ['text', Buffer.from('no safetensors at all')],
    ['a header longer than the file', Buffer.from('ffff000000000000', 'hex')],
  ])('does not stumble over %s', async ([, bytes], { app, world }) => {
    const ann = await world.user();
    const ref = await world.repo(ann);
    await world.commit(ann, ref, { 'model.safetensors': bytes, 'README.md': '---\nlicense: mit\n---\n' });
    const info = (await app.inject({ url: `/api/models/${ann.name}/${ref.name}` })).json();
    expect(info).toMatchObject({ tags: ['license:mit'] });
    expect(info).not.toHaveProperty('safetensors');
  });

  it('keeps promises that a stopped process left', async ({ app, world, hub }) => {
    const ann = await world.user();
    const ref = await world.repo(ann);
    await world.commit(ann, ref, { 'README.md': CARD });
    const access = await hub.services().access.require(ann.actor, ref, 'read');
    const { sql } = hub.deps;
    await sql.execute({
      text: `update repo set tags = '{}', card = null where id = $1`,
      values: [access.id],
    });
    await sql.execute({
      text: `insert into outbox (kind, payload) values
        ('index-repo', jsonb_build_object('repoId', $1::bigint)), ('index-repo', '{"repoId": 999999999}')`,
      values: [access.id],
    });
    await Promise.all([1, 2].map(() => hub.services().repoIndex.keepPromises()));
    expect(await promisesOf(hub, access.id)).toBe(0);
    expect(await promisesOf(hub, 999999999)).toBe(0);
    const info = await app.inject({ url: `/api/models/${ann.name}/${ref.name}` });
    expect(info.json().tags).toContain('license:mit');
  });

  it('puts a promise off that cannot be kept', async ({ world, hub }) => {
    const ann = await world.user();
    const ref = await world.repo(ann);
    const access = await hub.services().access.require(ann.actor, ref, 'read');
    const { sql } = hub.deps;
    // A head that is not there: the database lost rows.
    await sql.execute({
      text: `update repo set head_oid = decode(repeat('ab', 20), 'hex') where id = $1`,
      values: [access.id],
    });
    await sql.execute({
      text: `insert into outbox (kind, payload) values ('index-repo', jsonb_build_object('repoId', $1::bigint))`,
      values: [access.id],
    });
    await hub.services().repoIndex.keepPromises();
    const rows = await sql.query<{ attempts: number; isLater: boolean }>({
      text: `select attempts, next_attempt_at > now() as "isLater" from outbox where (payload ->> 'repoId')::bigint = $1`,
      values: [access.id],
    });
    expect(rows).toEqual([{ attempts: 1, isLater: true }]);
  });

  it('ends at the newest card when many commits are made at once', async ({ app, world, hub }) => {
    const ann = await world.user();
    const ref = await world.repo(ann);
    await Promise.all(
      Array.from({ length: 12 }, (_, i) =>
        world.commit(ann, ref, { 'README.md': `---\nlicense: l${i}\n---\n` }),
      ),
    );
    const access = await hub.services().access.require(ann.actor, ref, 'read');
    const readme = await hub.services().trees.entry(access, access.headOid!, 'README.md');
    const text = String(await hub.services().blobs.read(access, readme!.oid, 1000));
    const info = (await app.inject({ url: `/api/models/${ann.name}/${ref.name}` })).json();
    expect(text).toContain(`license: ${info.cardData.license}\n`);
  });
});
