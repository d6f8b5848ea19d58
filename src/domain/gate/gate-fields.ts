import { BadRequest } from '../errors.ts';

/** What somebody answered to a gate's questions. */
export type GateAnswers = Readonly<Record<string, string | boolean>>;

const MAX_FIELDS = 50;
const MAX_NAME_CHARS = 200;
const MAX_ANSWER_CHARS = 2000;

/**
 * The answers to what the card asks (`extra_gated_fields`): each question has one, a box is ticked, a choice is one of its options.
 * What the card does not ask is not kept.
 * @throws {BadRequest} that names the field.
 */
export function checkAnswers(
  card: Readonly<Record<string, unknown>> | null,
  given: GateAnswers,
): GateAnswers {
  if (Object.keys(given).length > MAX_FIELDS)
    throw new BadRequest(`At most ${MAX_FIELDS} answers are taken.`);
  return Object.fromEntries(
    questionsOf(card).map(({ name, kind, options }) => {
      const answer = Object.hasOwn(given, name) ? given[name] : undefined;
      checkAnswer(name, answer, kind);
      if (options && !options.includes(String(answer))) {
        throw new BadRequest(`The answer to "${name}" must be one of ${options.join(', ')}.`);
      }
      return [name, answer!];
    }),
  );
}

/** What the card asks, as far as it makes sense. */
export function questionsOf(card: Readonly<Record<string, unknown>> | null): readonly Question[] {
  const asked = card?.['extra_gated_fields'];
  if (typeof asked !== 'object' || asked === null || Array.isArray(asked)) return [];
  return Object.entries(asked)
    .filter(([name]) => name.length <= MAX_NAME_CHARS)
    .slice(0, MAX_FIELDS)
    .map(([name, definition]) => questionOf(name, definition));
}

/** A question of a gate. */
export interface Question {
  readonly name: string;
  readonly kind: 'checkbox' | 'text';
  /** Null where any text will do. */
  readonly options: readonly string[] | null;
}

function questionOf(name: string, definition: unknown): Question {
  const type = typeOf(definition);
  if (type === 'checkbox') return { name, kind: 'checkbox', options: null };
  return { name, kind: 'text', options: type === 'select' ? optionsOf(definition) : null };
}

function typeOf(definition: unknown): unknown {
  if (typeof definition !== 'object' || definition === null) return definition;
  return (definition as { type?: unknown }).type;
}

/** Options are texts, or objects with a label and a value. */
function optionsOf(definition: unknown): readonly string[] | null {
  const { options } = definition as { options?: unknown };
  if (!Array.isArray(options) || options.length === 0) return null;
  return options.map((option: unknown) =>
    String(typeof option === 'object' && option !== null ? (option as { value?: unknown }).value : option),
  );
}

function checkAnswer(name: string, answer: string | boolean | undefined, kind: Question['kind']): void {
  if (kind === 'checkbox') {
    if (answer !== true) throw new BadRequest(`"${name}" must be ticked (true).`);
    return;
  }
  const isText = typeof answer === 'string' && answer.trim() !== '';
  if (!isText) throw new BadRequest(`"${name}" needs an answer.`);
  if (answer.length > MAX_ANSWER_CHARS || answer.includes('\0')) {
    throw new BadRequest(`The answer to "${name}" must be a text of at most ${MAX_ANSWER_CHARS} characters.`);
  }
}
