import { defineEntity, p } from '@mikro-orm/core';
import { Account } from '../account/account.entity.ts';
import { Discussion } from './discussion.entity.ts';

export const DISCUSSION_EVENT_TYPES = ['comment', 'status-change', 'title-change', 'commit'] as const;

const DiscussionEventSchema = defineEntity({
  name: 'DiscussionEvent',
  tableName: 'discussion_event',
  properties: {
    id: p.uuid().primary().defaultRaw('uuidv7()'),
    discussion: () => p.manyToOne(Discussion).ref().deleteRule('cascade').index(),
    author: () => p.manyToOne(Account).ref().nullable().deleteRule('set null').index(),
    type: p.enum(DISCUSSION_EVENT_TYPES),
    data: p.json<Record<string, unknown>>(),
    createdAt: p.datetime().defaultRaw('now()'),
  },
});

export class DiscussionEvent extends DiscussionEventSchema.class {}
DiscussionEventSchema.setClass(DiscussionEvent);
