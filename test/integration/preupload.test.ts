import { createHash } from 'node:crypto';
import { describe, expect } from 'vitest';
import type { RepoRef } from '../../src/domain/repo/repo-ref.ts';
import { apiUrl, type ContentWorld, fileLine, HEADER, it, ndjson } from '../support/content.ts';
import type { TestUser } from '../support/world.ts';

interface Answer {
  readonly path: string;
  readonly uploadMode: string;
  readonly shouldIgnore: boolean;
  readonly oid?: string;
}

interface Asked {
  readonly content: ContentWorld;
  readonly user: TestUser | null;
  readonly repo: RepoRef;
  readonly revision?: string;
}

function ask({ content, user, repo, revision = 'main' }: Asked, body: object) {
  return content.postJson(user, `${apiUrl(repo)}/preupload/${revision}`, body);
}

/** As huggingface_hub describes a file. */
function file(path: string, size = 100, more: object = {}) {
  return { path, size, sample: 'c2FtcGxl', ...more };
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

async function modes(
  asked: Asked,
  files: readonly object[],
  more: object = {},
): Promise<Record<string, string>> {
  const answers = (await ask(asked, { files, ...more })).json<{ files: Answer[] }>().files;
  return Object.fromEntries(answers.map((answer) => [answer.path, answer.uploadMode]));
}

describe('the upload mode', () => {
  it('follows .gitattributes, the size, and is regular for empty files', async ({ content }) => {
    const user = await content.user();
    const repo = await content.repo(user);
    const files = [
      file('a.bin', 3),
      file('dir/b.pkl'),
      file('c.txt'),
      file('d.md'),
      file('e.json'),
      file('big.txt', 32_000_000),
      file('edge.txt', 10_000_000),
      file('under.txt', 9_999_999),
      file('empty.bin', 0),
    ];
    expect(await modes({ content, user, repo }, files)).toEqual({
      'a.bin': 'lfs',
      'dir/b.pkl': 'lfs',
      'c.txt': 'regular',
      'd.md': 'regular',
      'e.json': 'regular',
      'big.txt': 'lfs',
      'edge.txt': 'lfs',
      'under.txt': 'regular',
      'empty.bin': 'regular',
    });
  });

  it('follows attributes that were committed, in folders too, or that come with the request', async ({
    content,
  }) => {
    const user = await content.user();
    const repo = await content.repo(user);
    await content.commitLines(
      user,
      repo,
      fileLine('.gitattributes', '*.png filter=lfs diff=lfs merge=lfs -text\n'),
      fileLine('raw/.gitattributes', '*.png -filter\n'),
    );
    const files = [file('image.png'), file('raw/image.png'), file('a.bin')];
    expect(await modes({ content, user, repo }, files)).toEqual({
      'image.png': 'lfs',
      'raw/image.png': 'regular',
      'a.bin': 'regular',
    });
    const gitAttributes = '*.bin filter=lfs\n.gitattributes filter=lfs';
    expect(
      await modes({ content, user, repo }, [...files, file('.gitattributes')], { gitAttributes }),
    ).toEqual({
      'image.png': 'regular',
      'raw/image.png': 'regular',
      'a.bin': 'lfs',
      '.gitattributes': 'regular',
    });
  });

  it('follows the settings of the repository', async ({ content }) => {
    const user = await content.user();
    const repo = await content.repo(user);
    await content.hub.deps.sql.execute({
      text: `update repo set lfs_threshold_bytes = 50, lfs_suffix_rules = '{.weights}' where name = $1`,
      values: [repo.name],
    });
    expect(
      await modes({ content, user, repo }, [file('a.txt', 50), file('b.txt', 49), file('c.WEIGHTS', 1)]),
    ).toEqual({
      'a.txt': 'lfs',
      'b.txt': 'regular',
      'c.WEIGHTS': 'lfs',
    });
  });
});

describe('shouldIgnore and oid', () => {
  it('tell what .gitignore excludes, and what the path holds now', async ({ content }) => {
    const user = await content.user();
    const repo = await content.repo(user);
    const object = content.object();
    await content.commitLines(user, repo, fileLine('a.txt', 'hello'), fileLine('.gitignore', 'logs/\n'));
    await content.commitLfs(user, repo, 'model.bin', object);
    const asked = { content, user, repo };
    const files = [file('a.txt', 5), file('model.bin', 1000), file('logs/x'), file('new.tmp')];
    const plain = await ask(asked, { files });
    expect(plain.json()).toEqual({
      commitOid: await content.headOf(user, repo),
      files: [
        {
          path: 'a.txt',
          uploadMode: 'regular',
          shouldIgnore: false,
          oid: 'b6fc4c620b67d95f953a5c1c1230aaab5db5a1b0',
        },
        { path: 'model.bin', uploadMode: 'lfs', shouldIgnore: false, oid: object.sha256 },
        { path: 'logs/x', uploadMode: 'regular', shouldIgnore: true },
        { path: 'new.tmp', uploadMode: 'regular', shouldIgnore: false },
      ],
    });
    const withIgnore = await ask(asked, { files, gitIgnore: '*.tmp' });
    expect(withIgnore.json<{ files: Answer[] }>().files.map((answer) => answer.shouldIgnore)).toEqual([
      false,
      false,
      false,
      true,
    ]);
  });

  it('skip unchanged content only when the client proved it by its SHA-256', async ({ content }) => {
    const user = await content.user();
    const repo = await content.repo(user);
    const object = content.object();
    await content.commitLines(user, repo, fileLine('a.txt', 'hello'));
    await content.commitLfs(user, repo, 'model.bin', object);
    const answer = await ask(
      { content, user, repo },
      {
        files: [
          file('a.txt', 5, { sha256: sha256('hello') }),
          file('model.bin', 1000, { sha256: object.sha256 }),
          file('a.txt', 5, { sha256: sha256('other') }),
          file('elsewhere.txt', 5, { sha256: sha256('hello') }),
        ],
      },
    );
    expect(
      answer.json<{ files: Answer[] }>().files.map(({ path, shouldIgnore }) => [path, shouldIgnore]),
    ).toEqual([
      ['a.txt', true],
      ['model.bin', true],
      ['a.txt', false],
      ['elsewhere.txt', false],
    ]);
  });
});

describe('preupload is refused', () => {
  it('to anonymous callers and strangers, but readers may propose', async ({ content }) => {
    const owner = await content.user();
    const stranger = await content.user();
    const repo = await content.repo(owner);
    const body = { files: [file('a')] };
    const status = async (user: TestUser | null, revision: string): Promise<number> =>
      (await ask({ content, user, repo, revision }, body)).statusCode;
    expect(await status(null, 'main')).toBe(401);
    expect(await status(stranger, 'main')).toBe(403);
    expect(await status(await content.readToken(owner), 'main')).toBe(403);
    expect(await status(null, 'main?create_pr=1')).toBe(401);
    expect(await status(stranger, 'main?create_pr=1')).toBe(200);
    await content.sendCommit(stranger, repo, ndjson([HEADER, fileLine('a')]), {
      revision: 'main?create_pr=1',
    });
    expect(await status(stranger, 'refs%2Fpr%2F1')).toBe(200);
    const missing = await ask({ content, user: owner, repo: { ...repo, name: 'no-such' } }, body);
    expect([missing.statusCode, missing.headers['x-error-code']]).toEqual([404, 'RepoNotFound']);
  });

  it('for anything that is not a branch', async ({ content }) => {
    const user = await content.user();
    const repo = await content.repo(user);
    await content.postJson(user, `${apiUrl(repo)}/tag/main`, { tag: 'v1' });
    const head = await content.headOf(user, repo);
    for (const revision of [
      'nope',
      'v1',
      head,
      head.slice(0, 8),
      `${head}?create_pr=1`,
      'nope?create_pr=1',
    ]) {
      const answer = await ask({ content, user, repo, revision }, { files: [file('a')] });
      expect([revision, answer.statusCode, answer.headers['x-error-code']]).toEqual([
        revision,
        404,
        'RevisionNotFound',
      ]);
    }
  });

  it('for bad bodies', async ({ content }) => {
    const user = await content.user();
    const repo = await content.repo(user);
    const code = async (body: object) => (await ask({ content, user, repo }, body)).headers['x-error-code'];
    expect(await code({})).toBe('BadRequest');
    expect(await code({ files: [{ path: 'a' }] })).toBe('BadRequest');
    expect(await code({ files: [file('a', -1)] })).toBe('BadRequest');
    expect(await code({ files: [file('a', 1, { sha256: 'x' })] })).toBe('BadRequest');
    expect(await code({ files: [file('../a')] })).toBe('InvalidPath');
    expect(await code({ files: Array.from({ length: 1001 }, (_, index) => file(`f${index}`)) })).toBe(
      'BadRequest',
    );
  });

  it('when patterns are made to be slow', async ({ content }) => {
    const user = await content.user();
    const repo = await content.repo(user);
    const files = Array.from({ length: 200 }, (_, index) => file(`${'a/'.repeat(200)}${index}`));
    const answer = await ask(
      { content, user, repo },
      { files, gitIgnore: '**/a*/**/a*/**/a*/**/a*/**/c\n'.repeat(100) },
    );
    expect([answer.statusCode, answer.headers['x-error-code']]).toEqual([400, 'BadRequest']);
  });
});
