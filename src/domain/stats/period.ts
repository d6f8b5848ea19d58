/** Days in UTC, `YYYY-MM-DD`; both belong to it. */
export interface Period {
  readonly start: string;
  readonly end: string;
}

const DAY_MS = 86_400_000;

/** Today and so many days before it. */
export function lastDays(days: number, now = new Date()): Period {
  return { start: utcDay(new Date(now.getTime() - days * DAY_MS)), end: utcDay(now) };
}

function utcDay(date: Date): string {
  return date.toISOString().slice(0, 10);
}
