import { ComplexityErrorKind, type ComplexityErrorFn } from '@pothos/plugin-complexity';
import { BadRequest } from '../../src/domain/errors.ts';

/** The refusal of an operation that would cost too much, before any of it runs. */
export const tooExpensive: ComplexityErrorFn = (kind, { complexity, depth, breadth, ...max }) => {
  if (kind === ComplexityErrorKind.Depth)
    return new BadRequest(`The operation is ${depth} levels deep; ${max.maxDepth} are the most.`);
  if (kind === ComplexityErrorKind.Breadth)
    return new BadRequest(`The operation selects ${breadth} fields; ${max.maxBreadth} are the most.`);
  return new BadRequest(
    `The operation costs ${complexity} points; ${max.maxComplexity} are the most. Ask for shorter lists or fewer fields.`,
  );
};
