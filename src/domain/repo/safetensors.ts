/** Tensors of a model by number type, as the Hugging Face Hub shows them. */
export interface TensorCounts {
  /** Elements by dtype, such as `F32`. */
  readonly parameters: Readonly<Record<string, number>>;
  readonly total: number;
}

/** The length of the header stands in the first eight bytes, little endian. */
export const PREFIX_BYTES = 8;
/** Headers above this are not read. A header takes about 100 bytes for each tensor. */
export const MAX_HEADER_BYTES = 25_000_000;

const DTYPE = /^[A-Za-z0-9_]{1,20}$/;
const MAX_DTYPES = 32;

/**
 * Length in bytes of the JSON header of a safetensors file, or null when it is not one that we read.
 * Format: https://github.com/huggingface/safetensors#format
 */
export function headerLength(prefix: Buffer): number | null {
  if (prefix.length < PREFIX_BYTES) return null;
  const length = prefix.readBigUInt64LE(0);
  return length >= 2n && length <= BigInt(MAX_HEADER_BYTES) ? Number(length) : null;
}

/** Counts the tensors that a header describes, or null when it is malformed. */
export function countTensors(header: Buffer): TensorCounts | null {
  const tensors = parseObject(header);
  if (!tensors) return null;
  const counts = new Map<string, number>();
  for (const [name, tensor] of Object.entries(tensors)) {
    if (name === '__metadata__') continue;
    const elements = tensorElements(tensor);
    if (!elements) return null;
    counts.set(elements.dtype, (counts.get(elements.dtype) ?? 0) + elements.count);
  }
  return toCounts(counts);
}

/** The counts of a model that is split into several files; null when there is no file. */
export function sumCounts(parts: readonly TensorCounts[]): TensorCounts | null {
  if (parts.length === 0) return null;
  const counts = new Map<string, number>();
  for (const { parameters } of parts) {
    for (const [dtype, count] of Object.entries(parameters))
      counts.set(dtype, (counts.get(dtype) ?? 0) + count);
  }
  return toCounts(counts);
}

function parseObject(header: Buffer): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(header.toString('utf8'));
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

function tensorElements(tensor: unknown): { dtype: string; count: number } | null {
  if (!isObject(tensor)) return null;
  const { dtype, shape } = tensor;
  if (typeof dtype !== 'string' || !DTYPE.test(dtype) || !Array.isArray(shape)) return null;
  let count = 1;
  for (const size of shape as unknown[]) {
    if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) return null;
    count *= size;
  }
  return { dtype, count };
}

function toCounts(counts: ReadonlyMap<string, number>): TensorCounts | null {
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  if (counts.size > MAX_DTYPES || !Number.isSafeInteger(total)) return null;
  return { parameters: Object.fromEntries(counts), total };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
