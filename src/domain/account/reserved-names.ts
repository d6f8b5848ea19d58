import { normalizeName } from '../names.ts';

/** Words of web pages and routes that stand where the name of a user or an organisation would stand. */
const WORDS = `
  about account accounts admin api apps assets auth avatars blob blog branch branches buckets cache chat collections
  commit commits contact cookies dashboard dataset datasets docs edit enterprise events explore fallback-sources
  favicon.ico feed get-started git graphql health healthz help home hub images inference info invitation invitations
  invite join kernels landing latest learn lfs likes login logout me metrics model models new news none notifications
  null oauth openapi.json org organization organizations orgs papers password pricing privacy profile quota raw
  reconstruction reconstructions redoc register repo repos reset-password resolve robots.txt root search self-hosted
  session sessions settings shards sign-in sign-out sign-up signin signout signup site sitemap.xml space spaces ssh
  static stats storage support swagger system tag tags tasks telemetry terms tokens tree trending trpc undefined upload
  uploads user users v1 v2 v3 validate validate-yaml verify-email version web webhooks welcome whoami whoami-v2 ws xet
  xorbs`;

const RESERVED: ReadonlySet<string> = new Set(WORDS.trim().split(/\s+/).map(normalizeName));

/** True for a name that no account may have. Names that start with `_` are kept for the hub's own addresses. */
export function isReservedName(name: string): boolean {
  return name.startsWith('_') || RESERVED.has(normalizeName(name));
}
