import {
  DEPENDENCIES,
  DEPENDENCY_STATES,
  type DependencyReport,
} from '../../../src/domain/admin/admin-health.service.ts';
import { VERSION } from '../../../src/version.ts';
import { COST } from '../../costs.ts';
import { builder } from '../builder.ts';
import { enumOf } from '../enum.ts';
import { AdminObject } from './admin.ts';

const NameEnum = enumOf('AdminDependency', DEPENDENCIES);
const StateEnum = enumOf('DependencyState', DEPENDENCY_STATES);

const ReportObject = builder.objectRef<DependencyReport>('DependencyReport').implement({
  description: 'One thing that this node works with.',
  fields: (t) => ({
    name: t.expose('name', { type: NameEnum }),
    status: t.expose('status', {
      type: StateEnum,
      description: '`OFF`: the hub is configured to do without it',
    }),
    version: t.exposeString('version', { nullable: true }),
    latencyMs: t.exposeInt('latencyMs', { nullable: true }),
    problem: t.exposeString('problem', { nullable: true, description: 'Why it is down or off' }),
  }),
});

const AdminHealthObject = builder.objectRef<readonly DependencyReport[]>('AdminHealth').implement({
  fields: (t) => ({
    version: t.string({ description: 'Of the hub', resolve: () => VERSION }),
    nodeVersion: t.string({ resolve: () => process.versions.node }),
    dependencies: t.field({ type: [ReportObject], resolve: (reports) => reports }),
  }),
});

builder.objectField(AdminObject, 'health', (t) =>
  t.field({
    type: AdminHealthObject,
    nullable: true,
    description: 'Everything that this node works with, asked at this moment',
    complexity: COST.overview,
    resolve: (_admin, _args, { services, actor }) => services.adminHealth.check(actor),
  }),
);
