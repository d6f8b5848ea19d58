import { ORG_ROLES } from '../../src/domain/org/membership.entity.ts';
import { enumOf } from './enum.ts';

export const OrgRoleEnum = enumOf('OrgRole', ORG_ROLES);
