const MAX_DEPTH = 32;
/** A value that names one part many times is small where it is written, and large as JSON. */
const MAX_VALUES = 100_000;
const MAX_TEXT_CHARS = 1_000_000;

/**
 * The value as an object that JSON and PostgreSQL's `jsonb` can hold: texts are well-formed Unicode without NUL,
 * numbers are finite. Null when it is not an object, is nested deeper than 32 levels, or has more than 100,000 values or
 * 1,000,000 characters.
 */
export function toJsonObject(value: unknown): Record<string, unknown> | null {
  if (!isObject(value)) return null;
  try {
    return new Conversion().convert(value, MAX_DEPTH) as Record<string, unknown>;
  } catch (error) {
    if (error instanceof TooLarge) return null;
    throw error;
  }
}

class TooLarge extends Error {}

class Conversion {
  #values = 0;
  #chars = 0;

  convert(value: unknown, depth: number): unknown {
    if (depth < 0 || ++this.#values > MAX_VALUES) throw new TooLarge();
    if (Array.isArray(value)) return value.map((entry) => this.convert(entry, depth - 1));
    if (isObject(value)) {
      const entries = Object.entries(value).map(
        ([key, entry]) => [this.storable(key), this.convert(entry, depth - 1)] as const,
      );
      return Object.fromEntries(entries);
    }
    if (typeof value === 'string') return this.storable(value);
    if (typeof value === 'number') return Number.isFinite(value) ? value : null;
    if (typeof value === 'bigint') return String(value);
    return typeof value === 'boolean' ? value : null;
  }

  private storable(text: string): string {
    this.#chars += text.length;
    if (this.#chars > MAX_TEXT_CHARS) throw new TooLarge();
    return text.toWellFormed().replaceAll('\0', '');
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
