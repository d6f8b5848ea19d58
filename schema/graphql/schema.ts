import { builder } from './builder.ts';
import './scalars.ts';
import './errors.ts';
import './types/account.ts';
import './types/admin-audit.ts';
import './types/admin-health.ts';
import './types/admin-invitation.ts';
import './types/admin-org.ts';
import './types/admin-repo.ts';
import './types/admin-storage.ts';
import './types/admin-user.ts';
import './types/admin.ts';
import './types/commit.ts';
import './types/external-token.ts';
import './types/gate.ts';
import './types/like.ts';
import './types/member.ts';
import './types/membership.ts';
import './types/namespace.ts';
import './types/organization.ts';
import './types/quota.ts';
import './types/repo.ts';
import './types/site.ts';
import './types/stats.ts';
import './types/storage.ts';
import './types/viewer.ts';

/** Every type registers itself when its file is imported. */
export const schema = builder.toSchema();
