import { BadRequest } from '../errors.ts';

/** What an account tells of itself. Absent leaves a field as it is, null or an empty text clears it. */
export interface ProfileChange {
  readonly fullName?: string | null | undefined;
  readonly description?: string | null | undefined;
  readonly bio?: string | null | undefined;
  /** An http or https URL. */
  readonly website?: string | null | undefined;
  /** Names or addresses by network, such as `github`. */
  readonly socialLinks?: Readonly<Record<string, string>> | null | undefined;
}

/** Checked, and as it is stored. */
export interface ProfileColumns {
  fullName?: string | null;
  description?: string | null;
  bio?: string | null;
  website?: string | null;
  socialLinks?: Record<string, string> | null;
}

const MAX_CHARS = { fullName: 200, description: 1000, bio: 10_000, website: 500, socialLink: 200 } as const;
const MAX_SOCIAL_LINKS = 16;
const NETWORK = /^[a-z][a-z0-9_]{0,31}$/;
/** Control characters; a text of several lines may hold tabs and line breaks. */
const CONTROL_IN_LINE = /\p{Cc}/u;
const CONTROL_IN_TEXT = /[^\P{Cc}\t\n\r]/u;

/** @throws {BadRequest} that names the field. */
export function parseProfile(change: ProfileChange): ProfileColumns {
  const columns: ProfileColumns = {};
  if (change.fullName !== undefined)
    columns.fullName = parseLine(change.fullName, 'The full name', MAX_CHARS.fullName);
  if (change.description !== undefined)
    columns.description = parseText(change.description, 'The description', MAX_CHARS.description);
  if (change.bio !== undefined) columns.bio = parseText(change.bio, 'The biography', MAX_CHARS.bio);
  if (change.website !== undefined) columns.website = parseWebsite(change.website);
  if (change.socialLinks !== undefined) columns.socialLinks = parseSocialLinks(change.socialLinks);
  return columns;
}

function parseLine(value: string | null, what: string, maxChars: number): string | null {
  const line = parseText(value, what, maxChars);
  if (line && CONTROL_IN_LINE.test(line)) throw new BadRequest(`${what} must be one line of text.`);
  return line;
}

function parseText(value: string | null, what: string, maxChars: number): string | null {
  const text = value?.trim() ?? '';
  if (text.length > maxChars) throw new BadRequest(`${what} must have at most ${maxChars} characters.`);
  if (CONTROL_IN_TEXT.test(text)) throw new BadRequest(`${what} must not hold control characters.`);
  return text || null;
}

/** Only these schemes: the address becomes a link, and others would run in the page of whoever follows it. */
function parseWebsite(value: string | null): string | null {
  const website = parseLine(value, 'The website', MAX_CHARS.website);
  if (website === null) return null;
  const url = URL.canParse(website) ? new URL(website) : null;
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password) {
    throw new BadRequest('The website must be an address such as https://example.com.');
  }
  return website;
}

function parseSocialLinks(value: Readonly<Record<string, string>> | null): Record<string, string> | null {
  const entries = Object.entries(value ?? {});
  if (entries.length > MAX_SOCIAL_LINKS)
    throw new BadRequest(`There may be social links for at most ${MAX_SOCIAL_LINKS} networks.`);
  const links = entries.flatMap(([network, text]) => {
    if (!NETWORK.test(network)) {
      throw new BadRequest('Names of social networks are lower case, such as github or twitter_x.');
    }
    const link = parseLine(text, `The social link for ${network}`, MAX_CHARS.socialLink);
    return link === null ? [] : [[network, link] as const];
  });
  return links.length > 0 ? Object.fromEntries(links) : null;
}
