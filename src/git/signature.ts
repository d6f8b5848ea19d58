import { BadRequest } from '../lib/domain-error.ts';

/** Who and when, as in `author` and `tagger` lines. `at` counts whole seconds; `tzMinutes` is the offset east of UTC. */
export interface Signature {
  readonly name: string;
  readonly email: string;
  readonly at: Date;
  readonly tzMinutes: number;
}

const MAX_TZ_MINUTES = 24 * 60 - 1;
/** The last second that a Date can hold. */
const MAX_DATE_SECONDS = 8_640_000_000_000;

const CRUD = ` .,:;"\\'`;

/**
 * `name <email> seconds +hhmm`. Characters that would break the line are dropped; an empty name falls back to the email.
 *
 * @throws {BadRequest} for a date before 1970 or an offset of a day or more.
 */
export function encodeSignature({ name, email, at, tzMinutes }: Signature): string {
  const seconds = Math.floor(at.getTime() / 1000);
  if (!(seconds >= 0)) throw new BadRequest('The date of a commit or tag must be in 1970 or later.');
  if (!Number.isInteger(tzMinutes) || Math.abs(tzMinutes) > MAX_TZ_MINUTES) {
    throw new BadRequest('The time zone of a commit or tag must be less than a day away from UTC.');
  }
  const cleanEmail = clean(email);
  return `${clean(name) || cleanEmail || 'unknown'} <${cleanEmail}> ${seconds} ${encodeOffset(tzMinutes)}`;
}

/** Reads what `encodeSignature` writes, and whatever old tools left behind: missing parts become '' and 1970. Never throws. */
export function parseSignature(line: string): Signature {
  const match = /^([^<]*)<(.*)> *(\d{1,20}) ([+-]\d{1,6})$/.exec(line);
  if (!match) {
    const [name = '', rest = ''] = line.split('<', 2);
    return { name: name.trim(), email: rest.split('>', 1)[0]!, at: new Date(0), tzMinutes: 0 };
  }
  const seconds = Math.min(Number(match[3]), MAX_DATE_SECONDS);
  return {
    name: match[1]!.trim(),
    email: match[2]!,
    at: new Date(seconds * 1000),
    tzMinutes: parseOffset(match[4]!),
  };
}

/** What git's own ident.c drops: controls and angle brackets anywhere, punctuation at the ends. */
function clean(text: string): string {
  const kept = text.toWellFormed().replaceAll(/[\p{Cc}<>]/gu, '');
  let start = 0;
  let end = kept.length;
  while (start < end && CRUD.includes(kept[start]!)) start += 1;
  while (end > start && CRUD.includes(kept[end - 1]!)) end -= 1;
  return kept.slice(start, end);
}

function encodeOffset(tzMinutes: number): string {
  const minutes = Math.abs(tzMinutes);
  const digits = String(Math.floor(minutes / 60) * 100 + (minutes % 60)).padStart(4, '0');
  return `${tzMinutes < 0 ? '-' : '+'}${digits}`;
}

function parseOffset(text: string): number {
  const digits = Number(text.slice(1));
  const minutes = Math.floor(digits / 100) * 60 + (digits % 100);
  if (minutes > MAX_TZ_MINUTES || minutes === 0) return 0;
  return text.startsWith('-') ? -minutes : minutes;
}
