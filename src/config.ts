import { resolve } from 'node:path';
import { z } from 'zod';
import * as fields from './config-fields.ts';
import { nearestName } from './lib/nearest-name.ts';
import { StartError } from './lib/start-error.ts';

const PREFIX = 'KOHAKU_HUB_';
const HOUR_MS = 3_600_000;
const MIB = 2 ** 20;
const GIB = 2 ** 30;
/** S3 takes parts of 5 MiB to 5 GiB. */
const MIN_PART_BYTES = 5 * MIB;
const MAX_PART_BYTES = 5 * GIB;
/** The embedded PostgreSQL takes 100 connections; commands beside the hub and superusers need a few. */
const EMBEDDED_MAX_POOL = 90;

/** Every variable, without its prefix. An empty value counts as not set. */
const schema = z.object({
  HOST: fields.hostName().default('127.0.0.1'),
  PORT: fields.integer(1, 65_535).default(48_888),
  BASE_URL: fields.httpUrl().optional(),
  DATA_DIR: fields.text('a path').default('./data'),
  SITE_NAME: fields.text().default('Kohaku Hub'),
  LOG_LEVEL: fields.oneOf(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  LOG_FORMAT: fields.oneOf(['json', 'text']).default('text'),

  DATABASE_URL: fields.postgresUrl().optional(),
  DATABASE_POOL_SIZE: fields.integer(2, 1000).default(10),
  DATABASE_KEY: fields.key32().optional(),
  SESSION_SECRET: fields.field('at least 32 characters', (v) => (v.length >= 32 ? v : undefined)).optional(),

  S3_ENDPOINT: fields.httpUrl().optional(),
  S3_PUBLIC_ENDPOINT: fields.httpUrl().optional(),
  S3_ACCESS_KEY: fields.text().optional(),
  S3_SECRET_KEY: fields.text().optional(),
  S3_BUCKET: fields.text().optional(),
  S3_REGION: fields.text().default('us-east-1'),
  S3_FORCE_PATH_STYLE: fields.flag().default(true),

  SESSION_EXPIRE_HOURS: fields.integer(1, 87_600).default(168),
  TOKEN_EXPIRE_DAYS: fields.integer(1, 36_500).optional(),
  REQUIRE_EMAIL_VERIFICATION: fields.flag().default(false),
  INVITATION_ONLY: fields.flag().default(false),

  SMTP_ENABLED: fields.flag().default(false),
  SMTP_HOST: fields.text().optional(),
  SMTP_PORT: fields.integer(1, 65_535).default(587),
  SMTP_USERNAME: fields.text().optional(),
  SMTP_PASSWORD: fields.text().optional(),
  SMTP_FROM: fields.text().optional(),
  SMTP_TLS: fields.smtpTls().default('starttls'),

  LFS_THRESHOLD_BYTES: fields.byteSize(1, 5 * GIB).default(10_000_000),
  LFS_MULTIPART_THRESHOLD_BYTES: fields.byteSize(MIN_PART_BYTES, MAX_PART_BYTES).default(100_000_000),
  LFS_MULTIPART_CHUNK_SIZE_BYTES: fields.byteSize(MIN_PART_BYTES, MAX_PART_BYTES).default(50_000_000),
  LFS_KEEP_VERSIONS: fields.integer(1, 1_000_000).optional(),
  LFS_AUTO_GC: fields.flag().default(false),
  LFS_SUFFIX_RULES: fields.suffixes().default([]),

  DEFAULT_USER_PRIVATE_QUOTA_BYTES: fields.quota().default(null),
  DEFAULT_USER_PUBLIC_QUOTA_BYTES: fields.quota().default(null),
  DEFAULT_ORG_PRIVATE_QUOTA_BYTES: fields.quota().default(null),
  DEFAULT_ORG_PUBLIC_QUOTA_BYTES: fields.quota().default(null),

  // A commit of 100,000 small files is about 150 MB of NDJSON.
  MAX_COMMIT_BODY_BYTES: fields.byteSize(MIB, 64 * GIB).default(2 * GIB),
  // One file travels as one base64 line, and V8 holds at most 512 MiB of it as a string.
  MAX_REGULAR_FILE_BYTES: fields.byteSize(MIB, 300 * MIB).default(150 * MIB),
  MAX_JSON_BODY_BYTES: fields.byteSize(1024, 256 * MIB).default(MIB),
  REQUEST_TIMEOUT_MS: fields.integer(1000, 24 * HOUR_MS).default(300_000),
  SHUTDOWN_TIMEOUT_MS: fields.integer(0, HOUR_MS).default(30_000),

  GIT_CACHE_BYTES: fields.byteSize(MIB, 1024 * 1024 * GIB).default(10 * GIB),
  GIT_TIMEOUT_MS: fields.integer(1000, 24 * HOUR_MS).default(HOUR_MS),
  // One segment is one object in the store, and S3 takes 5 GiB at once.
  GIT_MAX_PUSH_BYTES: fields.byteSize(MIB, 4 * GIB).default(2 * GIB),

  SSH_HOST: fields.hostName().optional(),
  SSH_PORT: fields.portOrOff().default(48_822),
  SSH_BASE_URL: fields.sshUrl().optional(),
  SSH_HOST_KEYS: fields.paths().optional(),
  SSH_MAX_CONNECTIONS: fields.integer(1, 100_000).default(256),
  SSH_MAX_CONNECTIONS_PER_ADDRESS: fields.integer(1, 100_000).default(32),

  GC_GRACE_MS: fields.integer(0, 3650 * 24 * HOUR_MS).default(24 * HOUR_MS),
  GC_REPLACED_GRACE_MS: fields.integer(1000, 3650 * 24 * HOUR_MS).default(24 * HOUR_MS),
  GC_INTERVAL_MS: fields.integer(100, 24 * HOUR_MS).default(600_000),

  GRAPHQL_OPEN: fields.flag().optional(),

  TRUST_PROXY: fields.trustedProxies().default(false),
  METRICS_TOKEN: fields.text().optional(),
});

type Variables = z.output<typeof schema>;
type Name = keyof Variables;

/** Variables of features that are not here yet; a configuration that already names them draws no warning. */
const RESERVED: readonly string[] = [
  'FALLBACK_ENABLED',
  'FALLBACK_REQUIRE_AUTH',
  'FALLBACK_SOURCES',
  'FALLBACK_TIMEOUT',
  'FALLBACK_CACHE_TTL',
];

/** Never repeated in a message. */
const SECRET: ReadonlySet<string> = new Set<Name>([
  'DATABASE_URL',
  'DATABASE_KEY',
  'SESSION_SECRET',
  'S3_ACCESS_KEY',
  'S3_SECRET_KEY',
  'SMTP_PASSWORD',
  'METRICS_TOKEN',
]);

export type Config = ReturnType<typeof toConfig> & {
  /** Sentences for the operator: variables that nobody reads. */
  readonly warnings: readonly string[];
};
export type S3Config = NonNullable<Config['s3']>;
export type SmtpConfig = NonNullable<Config['smtp']>;
export type SshConfig = NonNullable<Config['ssh']>;

/** One line for each mistake, naming the variable, its value unless it is a secret, and what is expected. */
export class ConfigError extends StartError {
  override readonly name = 'ConfigError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(
      `The configuration has ${problems.length} problem(s):\n${problems.map((line) => `  ${line}`).join('\n')}`,
    );
    this.problems = problems;
  }
}

/**
 * Reads the whole configuration from `KOHAKU_HUB_*` variables.
 *
 * @throws {ConfigError} with every problem at once.
 */
export function loadConfig(env: NodeJS.ProcessEnv): Config {
  const values = ownVariables(env);
  const parsed = schema.safeParse(values);
  const problems = parsed.success
    ? []
    : parsed.error.issues.map((issue) => describe(String(issue.path[0]), values, issue));
  problems.push(...groupProblems(values), ...(parsed.success ? rangeProblems(parsed.data) : []));
  if (!parsed.success || problems.length > 0) throw new ConfigError(problems);
  const isProduction = env['NODE_ENV'] === 'production';
  return deepFreeze({ ...toConfig(parsed.data, { isProduction }), warnings: unknownNames(values) });
}

type Values = Readonly<Record<string, string>>;

function ownVariables(env: NodeJS.ProcessEnv): Values {
  const own = Object.entries(env).flatMap(([name, value]) => {
    const trimmed = value?.trim();
    return name.startsWith(PREFIX) && trimmed ? [[name.slice(PREFIX.length), trimmed] as const] : [];
  });
  return Object.fromEntries(own);
}

function describe(name: string, values: Values, { message }: { message: string }): string {
  const shown = SECRET.has(name) ? '' : `=${JSON.stringify(values[name]?.slice(0, 80))}`;
  return `${PREFIX}${name}${shown}: expected ${message}`;
}

/** What must be set together. */
function groupProblems(values: Values): string[] {
  const missing = (names: readonly Name[], why: string): string[] =>
    names.filter((name) => !(name in values)).map((name) => `${PREFIX}${name}: not set, but needed ${why}`);
  const problems: string[] = [];
  if ('DATABASE_URL' in values) {
    problems.push(...missing(['DATABASE_KEY', 'SESSION_SECRET'], `because ${PREFIX}DATABASE_URL is set`));
  }
  const s3 = Object.keys(values).find((name) => name.startsWith('S3_') && name in schema.shape);
  if (s3) {
    const needed = ['S3_ENDPOINT', 'S3_ACCESS_KEY', 'S3_SECRET_KEY', 'S3_BUCKET'] as const;
    problems.push(...missing(needed, `because ${PREFIX}${s3} is set`));
  }
  if (fields.readFlag(values['SMTP_ENABLED'] ?? 'false')) {
    problems.push(...missing(['SMTP_HOST', 'SMTP_FROM'], `because ${PREFIX}SMTP_ENABLED is true`));
  }
  return problems;
}

/** What must fit together. */
function rangeProblems(v: Variables): string[] {
  const problems: string[] = [];
  if (v.LFS_THRESHOLD_BYTES > v.MAX_REGULAR_FILE_BYTES) {
    problems.push(
      `${PREFIX}LFS_THRESHOLD_BYTES: expected at most ${PREFIX}MAX_REGULAR_FILE_BYTES (${v.MAX_REGULAR_FILE_BYTES}), ` +
        'or files between the two could not be uploaded',
    );
  }
  if (v.DATABASE_URL === undefined && v.DATABASE_POOL_SIZE > EMBEDDED_MAX_POOL) {
    problems.push(
      `${PREFIX}DATABASE_POOL_SIZE=${v.DATABASE_POOL_SIZE}: expected at most ${EMBEDDED_MAX_POOL} with the embedded database`,
    );
  }
  return problems;
}

function unknownNames(values: Values): string[] {
  const known = [...Object.keys(schema.shape), ...RESERVED];
  return Object.keys(values)
    .filter((name) => !known.includes(name))
    .map((name) => {
      const near = nearestName(name, known);
      return `${PREFIX}${name} is not a variable of the hub.${near ? ` Did you mean ${PREFIX}${near}?` : ''}`;
    });
}

function toConfig(v: Variables, { isProduction }: { isProduction: boolean }) {
  return {
    host: v.HOST,
    port: v.PORT,
    /** The public address, without a slash at the end. */
    baseUrl: v.BASE_URL ?? defaultBaseUrl(v),
    siteName: v.SITE_NAME,
    /** Absolute. */
    dataDir: resolve(v.DATA_DIR),
    log: { level: v.LOG_LEVEL, format: v.LOG_FORMAT },
    /** A null `url` is the embedded default. */
    database: { url: v.DATABASE_URL ?? null, poolSize: v.DATABASE_POOL_SIZE },
    /** Null is generated into the data directory by `loadSecrets`; the key is 64 hexadecimal digits. */
    secrets: { session: v.SESSION_SECRET ?? null, databaseKey: v.DATABASE_KEY ?? null },
    /** Null keeps objects in the data directory. */
    s3: s3Config(v),
    auth: {
      sessionTtlMs: v.SESSION_EXPIRE_HOURS * HOUR_MS,
      /** Null lets API tokens live until they are deleted. */
      tokenTtlMs: v.TOKEN_EXPIRE_DAYS === undefined ? null : v.TOKEN_EXPIRE_DAYS * 24 * HOUR_MS,
      requireEmailVerification: v.REQUIRE_EMAIL_VERIFICATION,
      invitationOnly: v.INVITATION_ONLY,
    },
    /** Null writes mails to the log. */
    smtp: smtpConfig(v),
    lfs: {
      /** A file of this size or more goes by LFS. */
      thresholdBytes: v.LFS_THRESHOLD_BYTES,
      multipartThresholdBytes: v.LFS_MULTIPART_THRESHOLD_BYTES,
      multipartPartBytes: v.LFS_MULTIPART_CHUNK_SIZE_BYTES,
      /** Of repositories that do not say themselves; null keeps every version. */
      keepVersions: v.LFS_KEEP_VERSIONS ?? null,
      /** Whether versions beyond those are given up at all. */
      autoGc: v.LFS_AUTO_GC,
      /** Lower case, with their dot. Names that end so go by LFS in every repository, beside `.gitattributes`. */
      suffixRules: v.LFS_SUFFIX_RULES,
    },
    /** Null is unlimited. */
    quotas: {
      user: {
        privateBytes: v.DEFAULT_USER_PRIVATE_QUOTA_BYTES,
        publicBytes: v.DEFAULT_USER_PUBLIC_QUOTA_BYTES,
      },
      organization: {
        privateBytes: v.DEFAULT_ORG_PRIVATE_QUOTA_BYTES,
        publicBytes: v.DEFAULT_ORG_PUBLIC_QUOTA_BYTES,
      },
    },
    limits: {
      commitBodyBytes: v.MAX_COMMIT_BODY_BYTES,
      regularFileBytes: v.MAX_REGULAR_FILE_BYTES,
      jsonBodyBytes: v.MAX_JSON_BODY_BYTES,
      /** How long a request's headers and JSON or NDJSON body may take to arrive. */
      requestTimeoutMs: v.REQUEST_TIMEOUT_MS,
      /** How long running requests may take to finish after SIGTERM. */
      shutdownTimeoutMs: v.SHUTDOWN_TIMEOUT_MS,
    },
    git: {
      /** How large this process's copies of repositories for Git clients may become. */
      cacheBytes: v.GIT_CACHE_BYTES,
      /** How long one run of git may take. */
      timeoutMs: v.GIT_TIMEOUT_MS,
      /** Of one push: its pack, and all that is new in it when it is unpacked. */
      maxPushBytes: v.GIT_MAX_PUSH_BYTES,
    },
    /** Null when the hub does not listen for SSH. */
    ssh: sshConfig(v),
    gc: {
      /** How long versions stay that no ref reaches any more. */
      graceMs: v.GC_GRACE_MS,
      /** How long bytes stay that were written anew elsewhere: longer than a request, and than backups are apart. */
      replacedGraceMs: v.GC_REPLACED_GRACE_MS,
      /** How often the hub looks for work. */
      intervalMs: v.GC_INTERVAL_MS,
    },
    graphql: {
      /** Takes any document, shows the schema and has an editor for browsers; otherwise only the documents of `schema/documents`. */
      isOpen: v.GRAPHQL_OPEN ?? !isProduction,
    },
    /** Whose `X-Forwarded-*` headers count: Fastify's `trustProxy`. */
    trustProxy: v.TRUST_PROXY,
    /** The bearer token of `/metrics`. */
    metricsToken: v.METRICS_TOKEN ?? null,
  };
}

/** A hub that listens everywhere is reached by the name that works on its own machine. */
function defaultBaseUrl({ HOST, PORT }: Variables): string {
  const everywhere = HOST === '0.0.0.0' || HOST === '::';
  const host = HOST.includes(':') ? `[${HOST}]` : HOST;
  return `http://${everywhere ? 'localhost' : host}:${PORT}`;
}

function sshConfig(v: Variables) {
  if (v.SSH_PORT === null) return null;
  return {
    host: v.SSH_HOST ?? v.HOST,
    /** 0 takes any port that is free. */
    port: v.SSH_PORT,
    /** The public address, such as `ssh://git@hub.example.org:2222`; null for the host of `baseUrl` and the port. */
    baseUrl: v.SSH_BASE_URL ?? null,
    /** Files with private keys; null for those of the data directory, which are made when they are missing. */
    hostKeyFiles: v.SSH_HOST_KEYS?.map((path) => resolve(path)) ?? null,
    maxConnections: v.SSH_MAX_CONNECTIONS,
    maxConnectionsPerAddress: v.SSH_MAX_CONNECTIONS_PER_ADDRESS,
  };
}

function s3Config(v: Variables) {
  const { S3_ENDPOINT: endpoint, S3_ACCESS_KEY: accessKey, S3_SECRET_KEY: secretKey, S3_BUCKET: bucket } = v;
  // `groupProblems` has refused a part of them.
  if (!endpoint || !accessKey || !secretKey || !bucket) return null;
  return {
    endpoint,
    /** The host that clients see in presigned URLs. */
    publicEndpoint: v.S3_PUBLIC_ENDPOINT ?? endpoint,
    accessKey,
    secretKey,
    bucket,
    region: v.S3_REGION,
    forcePathStyle: v.S3_FORCE_PATH_STYLE,
  };
}

function smtpConfig(v: Variables) {
  const { SMTP_ENABLED: enabled, SMTP_HOST: host, SMTP_FROM: from } = v;
  if (!enabled || !host || !from) return null;
  return {
    host,
    port: v.SMTP_PORT,
    username: v.SMTP_USERNAME ?? null,
    password: v.SMTP_PASSWORD ?? null,
    from,
    tls: v.SMTP_TLS,
  };
}

function deepFreeze<T extends object>(value: T): T {
  for (const inner of Object.values(value))
    if (typeof inner === 'object' && inner !== null) deepFreeze(inner);
  return Object.freeze(value);
}
