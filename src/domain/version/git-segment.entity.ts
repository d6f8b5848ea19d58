import { defineEntity, p } from '@mikro-orm/core';
import { GitStore } from './git-store.entity.ts';

/** What a segment holds: contents of an API commit, its trees and commit, a push, or a compaction. */
export const SEGMENT_KINDS = ['blobs', 'meta', 'push', 'compact'] as const;
export type SegmentKind = (typeof SEGMENT_KINDS)[number];

const GitSegmentSchema = defineEntity({
  name: 'GitSegment',
  tableName: 'git_segment',
  indexes: [
    {
      // What compaction looks for, without reading rows that hold packs.
      name: 'git_segment_live_index',
      properties: ['store'],
      include: ['packBytes', 'objects', 'storageKey'],
      where: `state = 'live'`,
    },
    { name: 'git_segment_replaced_index', properties: ['replacedAt'], where: `state = 'replaced'` },
  ],
  checks: [
    { name: 'git_segment_pack_sum_check', expression: 'length(pack_sum) = 20' },
    { name: 'git_segment_place_check', expression: '(storage_key is null) <> (inline_pack is null)' },
    { name: 'git_segment_inline_check', expression: '(inline_pack is null) = (inline_idx is null)' },
  ],
  properties: {
    id: p.bigint('number').primary(),
    store: () => p.manyToOne(GitStore).ref().deleteRule('cascade').index(),
    kind: p.enum(SEGMENT_KINDS),
    /** Trailer of the pack: SHA-1 of its bytes. */
    packSum: p.blob(),
    objects: p.integer(),
    packBytes: p.bigint('number'),
    /** `<key>.pack` and `<key>.idx` in the object store. */
    storageKey: p.text().nullable().unique(),
    /** The bytes themselves, when they are small. */
    inlinePack: p.blob().nullable().lazy(),
    inlineIdx: p.blob().nullable().lazy(),
    state: p.enum(['live', 'replaced'] as const).default('live'),
    replacedAt: p.datetime().nullable(),
    createdAt: p.datetime().defaultRaw('now()'),
  },
});

/** One immutable, self-contained, undeltified Git pack with its own index: the bytes of one write. */
export class GitSegment extends GitSegmentSchema.class {}
GitSegmentSchema.setClass(GitSegment);
