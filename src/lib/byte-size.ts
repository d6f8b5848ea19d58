const UNIT_BYTES: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40,
};

/** Reads `5000000`, `10MB` (decimal) or `10MiB` (binary) as a whole number of bytes; null when it is none of them. */
export function parseByteSize(text: string): number | null {
  const [, amount = '', unit = ''] = /^(\d+(?:\.\d+)?) ?([a-z]*)$/i.exec(text) ?? [];
  const unitBytes = UNIT_BYTES[unit.toLowerCase()];
  if (!amount || unitBytes === undefined) return null;
  const sizeBytes = Number(amount) * unitBytes;
  return Number.isSafeInteger(sizeBytes) ? sizeBytes : null;
}
