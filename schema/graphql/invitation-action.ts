import { INVITATION_ACTIONS } from '../../src/domain/invitation/invitation.entity.ts';
import { enumOf } from './enum.ts';

export const InvitationActionEnum = enumOf('InvitationAction', INVITATION_ACTIONS);
