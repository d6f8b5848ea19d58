import type { ListedRequest, OwnRequest } from '../../../src/domain/gate/gate.queries.ts';
import type { GateView } from '../../../src/domain/gate/gate.service.ts';

/** A request as its maker sees it. */
export function ownRequestDto({ status, rejectionReason, createdAt }: OwnRequest) {
  return { status, rejectionReason, createdAt: createdAt.toISOString() };
}

export function gateDto({ isOpenToCaller, request, questions }: GateView) {
  return { isOpenToCaller, request: request && ownRequestDto(request), questions };
}

/** A request as the people of the repository see it. */
export function accessRequestDto(request: ListedRequest) {
  const { id, name, fullName, email, fields } = request;
  return { id, name, fullName, email, answers: fields, ...ownRequestDto(request) };
}
