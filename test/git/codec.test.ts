import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { encodeCommit, formatMessage, parseCommit } from '../../src/git/commit.ts';
import { decodeEntryName } from '../../src/git/entry-name.ts';
import { hashObject } from '../../src/git/object.ts';
import type { ObjectType } from '../../src/git/object.ts';
import { EMPTY_TREE_OID } from '../../src/git/oid.ts';
import { isValidRefName } from '../../src/git/ref-name.ts';
import { encodeTag } from '../../src/git/tag.ts';
import { decodeTree, encodeTree } from '../../src/git/tree.ts';
import type { FileMode, TreeEntry } from '../../src/git/tree.ts';
import { ScratchRepo } from './git.ts';

const BLOB = hashObject('blob', Buffer.from('x'));
const SIGNATURE = {
  name: 'Zoë Ünal',
  email: 'z@example.org',
  at: new Date(1_700_000_000_000),
  tzMinutes: -210,
};

function gitHash(repo: ScratchRepo, type: ObjectType, bytes: Uint8Array): string {
  return repo.git(['hash-object', '-t', type, '-w', '--stdin'], bytes).toString().trim();
}

const mode = fc.constantFrom<FileMode>('100644', '100755', '120000', '160000', '40000');
/** Few different characters, so that names are prefixes of each other and meet the slash rule of folders. */
const tightName = fc.string({
  unit: fc.constantFrom('a', '-', '.', '0', ' ', '~'),
  minLength: 1,
  maxLength: 4,
});
const wildName = fc
  .string({ unit: 'binary', minLength: 1, maxLength: 8 })
  .filter((name) => !/[/\0\n]/.test(name));
const byteName = fc
  .uint8Array({ minLength: 1, maxLength: 6 })
  .map((bytes) => decodeEntryName(Buffer.from(bytes)));
const name = fc
  .oneof(tightName, wildName, byteName)
  .filter((text) => text !== '.' && text !== '..' && !/[/\0\n]/.test(text) && !/git/i.test(text));
const tree = fc.uniqueArray(fc.record({ name, mode, oid: fc.constant(BLOB) }), {
  maxLength: 30,
  selector: (entry: TreeEntry) => entry.name,
});

describe('trees', () => {
  it('have the id that git mktree gives them, for any names and modes', () => {
    using repo = new ScratchRepo();
    fc.assert(
      fc.property(tree, (entries) => {
        const types = { '40000': 'tree', '160000': 'commit' } as Record<string, string>;
        const lines = entries.map((e) =>
          Buffer.concat([
            Buffer.from(`${e.mode.padStart(6, '0')} ${types[e.mode] ?? 'blob'} ${e.oid}\t`),
            nameBytes(e.name),
            Buffer.of(0),
          ]),
        );
        const expected = repo.git(['mktree', '-z', '--missing'], Buffer.concat(lines)).toString().trim();
        const bytes = encodeTree(entries);
        expect(hashObject('tree', bytes)).toBe(expected);
        expect(encodeTree(decodeTree(bytes))).toEqual(bytes);
      }),
      { numRuns: 150 },
    );
  });

  it('refuse exactly the names that git fsck --strict refuses', () => {
    using repo = new ScratchRepo();
    const parts = [
      '.git',
      '.GIT',
      '.gIt',
      'git~1',
      'GIT~1',
      'git~2',
      '.',
      '..',
      ' ',
      ':',
      '\\',
      'x',
      '\u200c',
      '\ufeff',
      '.g',
      'it',
      '~1',
    ];
    const suspicious = fc
      .array(fc.constantFrom(...parts), { minLength: 1, maxLength: 4 })
      .map((chosen) => chosen.join(''));
    const names = fc
      .sample(suspicious, 400)
      .concat(['.git\udcff', '.git\udc80x', '\u200d.git', '.gi\u206ft. .', '.git\ufffd']);
    const oids = names.map((text) => {
      const raw = Buffer.concat([
        Buffer.from('100644 '),
        nameBytes(text),
        Buffer.of(0),
        Buffer.from(BLOB, 'hex'),
      ]);
      return repo.git(['hash-object', '--literally', '-t', 'tree', '-w', '--stdin'], raw).toString().trim();
    });
    const broken = repo.brokenObjects();
    expect(broken.size).toBeGreaterThan(20);
    for (const [i, text] of names.entries()) {
      expect({ text, ok: encodes(text) }).toEqual({ text, ok: !broken.has(oids[i]!) });
    }
  });
});

describe('commits and tags', () => {
  it('are accepted by git, with its ids and its reading of the fields', () => {
    using repo = new ScratchRepo();
    repo.git(['hash-object', '-t', 'tree', '-w', '--stdin'], Buffer.alloc(0));
    const bytes = encodeCommit({
      tree: EMPTY_TREE_OID,
      parents: [],
      author: SIGNATURE,
      committer: { ...SIGNATURE, tzMinutes: 345 },
      message: formatMessage('Ein Titel  mit\nUmbruch', 'Körper\r\n'),
    });
    const oid = hashObject('commit', bytes);
    expect(gitHash(repo, 'commit', bytes)).toBe(oid);
    expect(repo.git(['log', '-1', '--format=%an|%ae|%ai|%ci|%s|%b', oid]).toString().trim()).toBe(
      'Zoë Ünal|z@example.org|2023-11-14 18:43:20 -0330|2023-11-15 03:58:20 +0545|Ein Titel mit Umbruch|Körper',
    );

    const tag = encodeTag({ object: oid, type: 'commit', name: 'v1', tagger: SIGNATURE, message: 'one\n' });
    expect(gitHash(repo, 'tag', tag)).toBe(hashObject('tag', tag));
    expect(
      repo
        .git(['rev-parse', `${hashObject('tag', tag)}^{commit}`])
        .toString()
        .trim(),
    ).toBe(oid);
    repo.git(['update-ref', 'refs/heads/main', oid]);
    repo.git(['fsck', '--strict']);
  });

  it('survive git fsck --strict whatever the names, addresses and messages are', () => {
    using repo = new ScratchRepo();
    const text = fc.string({ unit: 'binary', maxLength: 12 });
    const signature = fc.record({
      name: text,
      email: text,
      at: fc.date({ min: new Date(0), noInvalidDate: true }),
      tzMinutes: fc.integer({ min: -1439, max: 1439 }),
    });
    fc.assert(
      fc.property(signature, signature, text, (author, committer, message) => {
        const commit = {
          tree: EMPTY_TREE_OID,
          parents: [BLOB],
          author,
          committer,
          message: formatMessage(message),
        };
        const bytes = encodeCommit(commit);
        expect(gitHash(repo, 'commit', bytes)).toBe(hashObject('commit', bytes));
        expect(encodeCommit(parseCommit(bytes))).toEqual(bytes);
      }),
      { numRuns: 150 },
    );
    expect(repo.brokenObjects()).toEqual(new Set());
  });
});

describe('ref names', () => {
  it('are valid exactly when git check-ref-format says so', () => {
    using repo = new ScratchRepo();
    const parts = [
      'a',
      'b',
      '/',
      '//',
      '.',
      '..',
      '.lock',
      '@',
      '{',
      '@{',
      '~',
      '^',
      ':',
      '?',
      '*',
      '[',
      '\\',
      ' ',
      '\t',
      '\x7f',
      '-',
      'ü',
      'refs',
      'heads',
      'lock',
      '\u{1f600}',
    ];
    const refName = fc.array(fc.constantFrom(...parts), { maxLength: 7 }).map((chosen) => chosen.join(''));
    fc.assert(
      fc.property(
        fc.oneof(
          refName,
          refName.map((text) => `refs/heads/${text}`),
        ),
        (text) => {
          expect({ text, ok: isValidRefName(text) }).toEqual({
            text,
            ok: repo.accepts(['check-ref-format', text]),
          });
        },
      ),
      { numRuns: 500 },
    );
  });
});

function encodes(entryName: string): boolean {
  try {
    encodeTree([{ name: entryName, mode: '100644', oid: BLOB }]);
    return true;
  } catch {
    return false;
  }
}

/** The inverse of the decoder, written independently of the code under test. */
function nameBytes(text: string): Buffer {
  return Buffer.concat(
    Array.from(text, (character) => {
      const unit = character.charCodeAt(0);
      const isEscape = character.length === 1 && unit >= 0xdc80 && unit <= 0xdcff;
      return isEscape ? Buffer.of(unit - 0xdc00) : Buffer.from(character);
    }),
  );
}
