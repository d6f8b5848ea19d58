import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { ConfigError, loadConfig } from './config.ts';

const key = 'ab'.repeat(32);
const secret = 's'.repeat(32);

function problems(env: Record<string, string>): readonly string[] {
  try {
    loadConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe('loadConfig', () => {
  it('gives the embedded default when nothing is set', () => {
    const config = loadConfig({});
    expect(config).toMatchObject({
      host: '127.0.0.1',
      port: 48_888,
      baseUrl: 'http://127.0.0.1:48888',
      database: { url: null, poolSize: 10 },
      secrets: { session: null, databaseKey: null },
      s3: null,
      smtp: null,
      lfs: { thresholdBytes: 10_000_000, suffixRules: [] },
      warnings: [],
    });
    expect(config.dataDir).toBe(`${process.cwd()}/data`);
  });

  it('takes any GraphQL document, in production only when told so', () => {
    const environments = [
      {},
      { NODE_ENV: 'production' },
      { NODE_ENV: 'production', KOHAKU_HUB_GRAPHQL_OPEN: 'true' },
      { KOHAKU_HUB_GRAPHQL_OPEN: 'false' },
    ];
    const areOpen = environments.map((env) => loadConfig(env).graphql.isOpen);
    expect(areOpen).toEqual([true, false, true, false]);
  });

  it('listens for SSH unless it is switched off', () => {
    expect(loadConfig({}).ssh).toEqual({
      host: '127.0.0.1',
      port: 48_822,
      baseUrl: null,
      hostKeyFiles: null,
      maxConnections: 256,
      maxConnectionsPerAddress: 32,
    });
    const set = loadConfig({
      KOHAKU_HUB_HOST: '0.0.0.0',
      KOHAKU_HUB_SSH_HOST: '::1',
      KOHAKU_HUB_SSH_PORT: '0',
      KOHAKU_HUB_SSH_BASE_URL: 'ssh://hub.example:2222/',
      KOHAKU_HUB_SSH_HOST_KEYS: '/etc/hub/one, /etc/hub/two',
    });
    expect(set.ssh).toMatchObject({
      host: '::1',
      port: 0,
      baseUrl: 'ssh://git@hub.example:2222',
      hostKeyFiles: ['/etc/hub/one', '/etc/hub/two'],
    });
    expect(loadConfig({ KOHAKU_HUB_SSH_PORT: 'off' }).ssh).toBeNull();
  });

  it.each([
    ['SSH_PORT', '70000'],
    ['SSH_PORT', '-1'],
    ['SSH_BASE_URL', 'ssh://root@hub.example'],
    ['SSH_BASE_URL', 'https://hub.example'],
    ['SSH_BASE_URL', 'ssh://hub.example/path'],
    ['SSH_BASE_URL', 'ssh://hub.example:99999'],
    ['SSH_HOST_KEYS', 'a,,b'],
  ])('refuses %s=%s', (name, value) => {
    expect(problems({ [`KOHAKU_HUB_${name}`]: value })).toHaveLength(1);
  });

  it('treats an empty value as not set and trims the others', () => {
    expect(loadConfig({ KOHAKU_HUB_PORT: '  ', KOHAKU_HUB_HOST: ' ::1 ' }).baseUrl).toBe(
      'http://[::1]:48888',
    );
  });

  it('derives a base URL that works on the machine when it listens everywhere', () => {
    expect(loadConfig({ KOHAKU_HUB_HOST: '0.0.0.0', KOHAKU_HUB_PORT: '80' }).baseUrl).toBe(
      'http://localhost:80',
    );
  });

  it('keeps a path of the base URL and drops the slash at its end', () => {
    expect(loadConfig({ KOHAKU_HUB_BASE_URL: 'https://hub.example/models/' }).baseUrl).toBe(
      'https://hub.example/models',
    );
  });

  it.each([
    ['10000000', 10_000_000],
    ['12MB', 12_000_000],
    ['12 MiB', 12_582_912],
    ['0.5gb', 500_000_000],
  ])('reads %s as %i bytes', (text, sizeBytes) => {
    expect(loadConfig({ KOHAKU_HUB_MAX_COMMIT_BODY_BYTES: text }).limits.commitBodyBytes).toBe(sizeBytes);
  });

  it('reports every mistake at once, with the variable, its value and what is expected', () => {
    expect(
      problems({
        KOHAKU_HUB_PORT: '70000',
        KOHAKU_HUB_BASE_URL: 'ftp://hub',
        KOHAKU_HUB_INVITATION_ONLY: 'maybe',
        KOHAKU_HUB_LFS_MULTIPART_CHUNK_SIZE_BYTES: '1MB',
        KOHAKU_HUB_TRUST_PROXY: '10.0.0.0/33',
        KOHAKU_HUB_S3_BUCKET: 'models',
      }),
    ).toEqual([
      'KOHAKU_HUB_PORT="70000": expected a whole number from 1 to 65535',
      'KOHAKU_HUB_BASE_URL="ftp://hub": expected an http:// or https:// URL without user, query and fragment',
      'KOHAKU_HUB_INVITATION_ONLY="maybe": expected true or false',
      'KOHAKU_HUB_LFS_MULTIPART_CHUNK_SIZE_BYTES="1MB": expected a size from 5242880 to 5368709120 bytes, such as 10000000, 10MB or 10MiB',
      'KOHAKU_HUB_TRUST_PROXY="10.0.0.0/33": expected true, false, or a list of addresses and networks such as 10.0.0.0/8',
      'KOHAKU_HUB_S3_ENDPOINT: not set, but needed because KOHAKU_HUB_S3_BUCKET is set',
      'KOHAKU_HUB_S3_ACCESS_KEY: not set, but needed because KOHAKU_HUB_S3_BUCKET is set',
      'KOHAKU_HUB_S3_SECRET_KEY: not set, but needed because KOHAKU_HUB_S3_BUCKET is set',
    ]);
  });

  it('never repeats a secret', () => {
    const env = {
      KOHAKU_HUB_DATABASE_URL: 'mysql://root:hunter2@db/hub',
      KOHAKU_HUB_DATABASE_KEY: 'hunter2',
      KOHAKU_HUB_SESSION_SECRET: 'hunter2',
    };
    expect(problems(env)).toHaveLength(3);
    expect(problems(env).join('\n')).not.toContain('hunter2');
  });

  it('wants the secrets as soon as the database is not the embedded one', () => {
    expect(problems({ KOHAKU_HUB_DATABASE_URL: 'postgres://hub@db/hub' })).toEqual([
      'KOHAKU_HUB_DATABASE_KEY: not set, but needed because KOHAKU_HUB_DATABASE_URL is set',
      'KOHAKU_HUB_SESSION_SECRET: not set, but needed because KOHAKU_HUB_DATABASE_URL is set',
    ]);
  });

  it('takes the database key as hexadecimal and as base64', () => {
    for (const text of [key.toUpperCase(), Buffer.from(key, 'hex').toString('base64')]) {
      expect(loadConfig({ KOHAKU_HUB_DATABASE_KEY: text }).secrets.databaseKey).toBe(key);
    }
  });

  it('reads real services', () => {
    const config = loadConfig({
      KOHAKU_HUB_DATABASE_URL: 'postgresql://hub:pw@db:5432/hub',
      KOHAKU_HUB_DATABASE_KEY: key,
      KOHAKU_HUB_SESSION_SECRET: secret,
      KOHAKU_HUB_S3_ENDPOINT: 'http://minio:9000/',
      KOHAKU_HUB_S3_ACCESS_KEY: 'access',
      KOHAKU_HUB_S3_SECRET_KEY: 'secret',
      KOHAKU_HUB_S3_BUCKET: 'hub',
      KOHAKU_HUB_S3_FORCE_PATH_STYLE: 'no',
      KOHAKU_HUB_SMTP_ENABLED: 'yes',
      KOHAKU_HUB_SMTP_HOST: 'mail',
      KOHAKU_HUB_SMTP_FROM: 'hub@example.org',
      KOHAKU_HUB_SMTP_TLS: 'implicit',
      KOHAKU_HUB_DEFAULT_USER_PRIVATE_QUOTA_BYTES: '10GB',
      KOHAKU_HUB_DEFAULT_USER_PUBLIC_QUOTA_BYTES: 'unlimited',
    });
    expect(config.s3).toMatchObject({
      endpoint: 'http://minio:9000',
      publicEndpoint: 'http://minio:9000',
      region: 'us-east-1',
      forcePathStyle: false,
    });
    expect(config.smtp).toMatchObject({ host: 'mail', port: 587, username: null, tls: 'implicit' });
    expect(config.quotas.user).toEqual({ privateBytes: 10_000_000_000, publicBytes: null });
  });

  it('refuses a threshold above which regular files are not taken either', () => {
    expect(problems({ KOHAKU_HUB_LFS_THRESHOLD_BYTES: '1GB' })).toEqual([
      expect.stringContaining(
        'KOHAKU_HUB_LFS_THRESHOLD_BYTES: expected at most KOHAKU_HUB_MAX_REGULAR_FILE_BYTES',
      ),
    ]);
  });

  it('warns of a variable that nobody reads and names the nearest one', () => {
    const { warnings } = loadConfig({
      KOHAKU_HUB_PROT: '80',
      KOHAKU_HUB_LAKEFS_ENDPOINT: 'http://lakefs:8000',
      KOHAKU_HUB_FALLBACK_ENABLED: 'true',
      UNRELATED: 'x',
    });
    expect(warnings).toEqual([
      'KOHAKU_HUB_PROT is not a variable of the hub. Did you mean KOHAKU_HUB_PORT?',
      'KOHAKU_HUB_LAKEFS_ENDPOINT is not a variable of the hub.',
    ]);
  });

  it('cannot be changed after it was read', () => {
    const config = loadConfig({});
    expect(
      Object.isFrozen(config) && Object.isFrozen(config.lfs) && Object.isFrozen(config.lfs.suffixRules),
    ).toBe(true);
  });
});

/** `A_{B,C}_D` as `A_B_D` and `A_C_D`. */
function expandBraces(text: string): string[] {
  const [whole, inside] = /\{([^}]+)\}/.exec(text) ?? [];
  if (whole === undefined || inside === undefined) return [text];
  return inside.split(',').flatMap((part) => expandBraces(text.replace(whole, part)));
}

it("is what README's table says, no more and no less", async () => {
  const source = await readFile(new URL('config.ts', import.meta.url), 'utf8');
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
  const variables = [...source.matchAll(/^ {2}([A-Z][A-Z0-9_]+): fields\./gm)].map((match) => match[1]!);
  const table = readme.split('## Configuration')[1]!.split('\n## ')[0]!;
  const rows = [...table.matchAll(/^\| (`[^|]+) \|/gm)].map((match) => match[1]!);
  const documented = rows.flatMap((names) =>
    [...names.matchAll(/`(?:KOHAKU_HUB|…)_([A-Z0-9_{},]+)`/g)].flatMap((match) => expandBraces(match[1]!)),
  );
  expect(variables.length).toBeGreaterThan(50);
  expect(documented.toSorted()).toEqual(variables.toSorted());
});
