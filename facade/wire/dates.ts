/** Dates as huggingface_hub parses them: UTC, at most microseconds, a literal `Z`. */
export function wireDate(date: Date): string {
  return date.toISOString();
}
