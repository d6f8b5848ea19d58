import type {
  ChargedBytes,
  Consumer,
  FullNamespace,
  Stored,
  StoredByKind,
} from '../../../src/domain/admin/storage-overview.queries.ts';
import type { StorageOverview } from '../../../src/domain/admin/storage-overview.service.ts';
import { AccountKindEnum } from '../account-kind.ts';
import { COST } from '../../costs.ts';
import { builder } from '../builder.ts';
import { AdminObject } from './admin.ts';
import { VisibilityEnum } from './repo.ts';

const StoredObject = builder.objectRef<Stored>('Stored').implement({
  fields: (t) => ({
    count: t.expose('count', { type: 'SafeInt' }),
    bytes: t.expose('bytes', { type: 'SafeInt' }),
  }),
});

const StoredByKindObject = builder.objectRef<StoredByKind>('StoredByKind').implement({
  description: 'What is in the object store and, where segments are small, in the database.',
  fields: (t) => ({
    storedSegments: t.expose('storedSegments', { type: StoredObject }),
    inlineSegments: t.expose('inlineSegments', { type: StoredObject }),
    lfsObjects: t.expose('lfsObjects', { type: StoredObject }),
    xorbs: t.expose('xorbs', { type: StoredObject }),
  }),
});

const ChargedObject = builder.objectRef<ChargedBytes>('ChargedBytes').implement({
  description: 'Of all namespaces together. What two repositories share counts for both.',
  fields: (t) => ({
    privateBytes: t.expose('privateBytes', { type: 'SafeInt' }),
    publicBytes: t.expose('publicBytes', { type: 'SafeInt' }),
  }),
});

const FullNamespaceObject = builder.objectRef<FullNamespace>('FullNamespace').implement({
  description: 'One half of a namespace that has nearly, or more than, what it may hold.',
  fields: (t) => ({
    namespace: t.exposeString('name'),
    kind: t.expose('kind', { type: AccountKindEnum }),
    visibility: t.expose('visibility', { type: VisibilityEnum }),
    usedBytes: t.expose('usedBytes', { type: 'SafeInt' }),
    quotaBytes: t.expose('quotaBytes', { type: 'SafeInt' }),
  }),
});

const ConsumerObject = builder.objectRef<Consumer>('StorageConsumer').implement({
  fields: (t) => ({
    namespace: t.exposeString('name'),
    kind: t.expose('kind', { type: AccountKindEnum }),
    privateUsedBytes: t.expose('privateUsedBytes', { type: 'SafeInt' }),
    publicUsedBytes: t.expose('publicUsedBytes', { type: 'SafeInt' }),
  }),
});

const StorageOverviewObject = builder.objectRef<StorageOverview>('StorageOverview').implement({
  description: 'Where the bytes are, and whose.',
  fields: (t) => ({
    stored: t.expose('stored', { type: StoredByKindObject }),
    charged: t.expose('charged', { type: ChargedObject }),
    fullNamespaces: t.expose('fullNamespaces', {
      type: [FullNamespaceObject],
      description: 'Those that hold 90 per cent of their limit, or more; at most 100',
    }),
    topConsumers: t.expose('topConsumers', {
      type: [ConsumerObject],
      description: 'Those that hold most; at most 20',
    }),
  }),
});

builder.objectField(AdminObject, 'storage', (t) =>
  t.field({
    type: StorageOverviewObject,
    nullable: true,
    complexity: COST.overview,
    resolve: (_admin, _args, { services, actor }) => services.storageOverview.overview(actor),
  }),
);
