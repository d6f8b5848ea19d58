import { builder } from './builder.ts';
import './scalars.ts';
import './errors.ts';
import './types/account.ts';
import './types/commit.ts';
import './types/external-token.ts';
import './types/membership.ts';
import './types/quota.ts';
import './types/repo.ts';
import './types/viewer.ts';

/** Every type registers itself when its file is imported. */
export const schema = builder.toSchema();
