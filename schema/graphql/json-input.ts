import { z } from 'zod';
import { BadRequest } from '../../src/domain/errors.ts';

const Texts = z.record(z.string(), z.string());
const Answers = z.record(z.string(), z.union([z.string(), z.boolean()]));

/** A JSON input whose values are texts; null and undefined stay. @throws {BadRequest} */
export function parseTexts(value: unknown, field: string): z.output<typeof Texts> | null | undefined {
  return value == null ? value : parseAs(Texts, value, `${field}: must be an object of texts.`);
}

/** A JSON input whose values are texts or true and false. @throws {BadRequest} */
export function parseAnswers(value: unknown, field: string): z.output<typeof Answers> {
  return parseAs(Answers, value, `${field}: must be an object of texts, true and false.`);
}

function parseAs<Output>(shape: z.ZodType<Output>, value: unknown, refusal: string): Output {
  const parsed = shape.safeParse(value);
  if (!parsed.success) throw new BadRequest(refusal);
  return parsed.data;
}
