const MAX_DEPTH = 32;

/**
 * The value as an object that JSON and PostgreSQL's `jsonb` can hold: texts are well-formed Unicode without NUL,
 * numbers are finite. Null when it is not an object, or nested deeper than 32 levels.
 */
export function toJsonObject(value: unknown): Record<string, unknown> | null {
  if (!isObject(value)) return null;
  try {
    return convert(value, MAX_DEPTH) as Record<string, unknown>;
  } catch (error) {
    if (error instanceof TooDeep) return null;
    throw error;
  }
}

class TooDeep extends Error {}

function convert(value: unknown, depth: number): unknown {
  if (depth < 0) throw new TooDeep('nested too deep');
  if (Array.isArray(value)) return value.map((entry) => convert(entry, depth - 1));
  if (isObject(value)) {
    const entries = Object.entries(value).map(
      ([key, entry]) => [storable(key), convert(entry, depth - 1)] as const,
    );
    return Object.fromEntries(entries);
  }
  if (typeof value === 'string') return storable(value);
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value === 'bigint') return String(value);
  return typeof value === 'boolean' ? value : null;
}

function storable(text: string): string {
  return text.toWellFormed().replaceAll('\0', '');
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
