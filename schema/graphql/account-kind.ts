import { ACCOUNT_KINDS } from '../../src/domain/account/account.entity.ts';
import { enumOf } from './enum.ts';

export const AccountKindEnum = enumOf('AccountKind', ACCOUNT_KINDS);
