import { deflateSync } from 'node:zlib';
import {
  type RawObject,
  type RawEntry,
  TYPE_CODE,
  SIGNATURE,
  ZERO_OID,
  ABSENT,
  Dice,
  raw,
  entryHeader,
  entryOf,
  refDelta,
  offsetDelta,
  packOf,
  summed,
  deltaOf,
  writing,
  treeEntry,
  commitText,
} from './raw-packs.ts';

/** A pack that a push may bring, and the object that a new branch shall name. */
export interface HostilePack {
  readonly name: string;
  readonly pack: Buffer;
  readonly tip: string;
  /** Where the hub refuses what git takes: words of its refusal. */
  readonly stricter?: RegExp;
}

/** What every repository of the test holds already. */
const BASE_BLOB = raw('blob', 'a file that both sides have, long enough to be worth a delta\n'.repeat(20));
const BASE_TREE = raw('tree', treeEntry('base.txt', BASE_BLOB.oid));
const BASE_COMMIT = raw('commit', commitText(BASE_TREE.oid));
export const BASE = {
  tip: BASE_COMMIT.oid,
  pack: packOf([BASE_BLOB, BASE_TREE, BASE_COMMIT].map((object) => entryOf(object))),
};

/** A pack of nothing, for refs that move to what is there. */
export const EMPTY_PACK = packOf([]);

const BLOB = raw('blob', 'text\n');
const FOLDER = raw('tree', treeEntry('inner.txt', BLOB.oid));
const TREE = raw(
  'tree',
  Buffer.concat([
    treeEntry('a.txt', BLOB.oid),
    treeEntry('b', FOLDER.oid, '40000'),
    treeEntry('c.sh', BLOB.oid, '100755'),
  ]),
);
const COMMIT = raw('commit', commitText(TREE.oid, { parents: [BASE.tip] }));
const WHOLE = [BLOB, FOLDER, TREE, COMMIT];
const GOOD = packOf(WHOLE.map((object) => entryOf(object)));

/** Of a tree: a commit of it, on the base. */
function withTree(name: string, tree: Buffer | RawObject, ...others: readonly RawObject[]): HostilePack {
  const root = Buffer.isBuffer(tree) ? raw('tree', tree) : tree;
  const commit = raw('commit', commitText(root.oid, { parents: [BASE.tip] }));
  return ofObjects(name, commit, BLOB, FOLDER, root, ...others);
}

function ofObjects(name: string, tip: RawObject, ...others: readonly RawObject[]): HostilePack {
  const distinct = new Map([...others, tip].map((object) => [object.oid, object]));
  return { name, pack: packOf([...distinct.values()].map((object) => entryOf(object))), tip: tip.oid };
}

function* damagedStreams(dice: Dice): Generator<HostilePack> {
  const tip = COMMIT.oid;
  yield { name: 'nothing wrong', pack: GOOD, tip };
  for (let step = 0; step < 30; step++) {
    const at = Math.floor((step * GOOD.length) / 30);
    yield { name: `cut off at ${at}`, pack: GOOD.subarray(0, at), tip };
  }
  for (let step = 0; step < 15; step++) yield { name: `flip ${step}`, pack: dice.flipped(GOOD), tip };
  const content = GOOD.subarray(0, -20);
  for (let step = 0; step < 40; step++)
    yield { name: `summed flip ${step}`, pack: summed(dice.flipped(content)), tip };
  for (let step = 0; step < 10; step++) {
    const at = 12 + dice.below(content.length - 12);
    const more = Buffer.from(Array.from({ length: 1 + dice.below(40) }, () => dice.below(256)));
    const bytes = Buffer.concat([content.subarray(0, at), more, content.subarray(at)]);
    yield { name: `bytes put in at ${at}, ${step}`, pack: summed(bytes), tip };
  }
  yield { name: 'a checksum of zeros', pack: Buffer.concat([content, Buffer.alloc(20)]), tip };
  yield { name: 'another pack behind it', pack: Buffer.concat([GOOD, GOOD]), tip };
  yield {
    name: 'not deflated',
    pack: packOf(WHOLE.map((object) => ({ ...entryOf(object), body: object.bytes }))),
    tip,
  };
}

function* lyingHeaders(): Generator<HostilePack> {
  const tip = COMMIT.oid;
  const entries = WHOLE.map((object) => entryOf(object));
  for (const count of [0, 1, 3, 5, 6, 1000, 2 ** 24, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1])
    yield { name: `${count} objects announced`, pack: packOf(entries, { count }), tip };
  for (const version of [0, 1, 3, 4, 9, 2 ** 31, 2 ** 32 - 1])
    yield { name: `version ${version}`, pack: packOf(entries, { version }), tip };
  for (const mark of ['pack', 'KCAP', '\0\0\0\0', 'DIRC', 'PACk'])
    yield { name: `marked ${JSON.stringify(mark)}`, pack: packOf(entries, { mark }), tip };
  const size = BigInt(BLOB.bytes.length);
  const sizes = [
    0n,
    1n,
    size - 1n,
    size + 1n,
    127n,
    1n << 20n,
    1n << 31n,
    1n << 40n,
    (1n << 63n) - 1n,
    1n << 63n,
    1n << 64n,
    1n << 90n,
  ];
  for (const said of sizes) {
    yield {
      name: `a blob that says ${said} bytes`,
      pack: packOf([entryOf(BLOB, said), ...entries.slice(1)]),
      tip,
    };
    const long = entryOf(COMMIT, said);
    yield { name: `a commit that says ${said} bytes`, pack: packOf([...entries.slice(0, 3), long]), tip };
  }
  for (const code of [0, 5]) {
    const strange = { header: entryHeader(code, size), body: deflateSync(BLOB.bytes) };
    yield { name: `an object of type ${code}`, pack: packOf([strange, ...entries.slice(1)]), tip };
  }
  for (const type of ['commit', 'tree', 'tag'] as const) {
    const strange = { header: entryHeader(TYPE_CODE[type], size), body: deflateSync(BLOB.bytes) };
    yield { name: `a file that says it is a ${type}`, pack: packOf([...entries, strange]), tip };
  }
  yield { name: 'one object three times', pack: packOf([...entries, entries[0]!, entries[0]!]), tip };
  yield { name: 'objects in reverse', pack: packOf(entries.toReversed()), tip };
  yield { name: 'a stranger among them', pack: packOf([...entries, entryOf(raw('blob', 'loose'))]), tip };
  for (const left of WHOLE) {
    const rest = WHOLE.filter((object) => object !== left).map((object) => entryOf(object));
    yield { name: `without the ${left.type} ${left.oid}`, pack: packOf(rest), tip };
  }
  yield { name: 'no objects, for a commit that is not here', pack: packOf([]), tip };
  yield { name: 'no objects, for one that is', pack: packOf([]), tip: BASE.tip };
  yield { name: 'a tip that is not in it', pack: GOOD, tip: ABSENT };
}

function* deltas(): Generator<HostilePack> {
  const tip = COMMIT.oid;
  const [blob, folder, tree, commit] = WHOLE.map((object) => entryOf(object)) as [
    RawEntry,
    RawEntry,
    RawEntry,
    RawEntry,
  ];
  const rest = [folder, tree, commit];
  const made = writing(BASE_BLOB, BLOB);
  const named = (name: string, ...entries: readonly RawEntry[]): HostilePack => ({
    name,
    pack: packOf(entries),
    tip,
  });
  yield named('a delta on what the hub has', refDelta(BASE_BLOB.oid, made), ...rest);
  yield named('a delta on nothing', refDelta(ABSENT, made), ...rest);
  yield named('a delta on the zero id', refDelta(ZERO_OID, made), ...rest);
  yield named('a delta on itself', refDelta(BLOB.oid, writing(BLOB, BLOB)), ...rest);
  const [p, q] = [raw('blob', 'p'.repeat(99)), raw('blob', 'q'.repeat(99))];
  yield named(
    'two deltas on each other',
    refDelta(q.oid, writing(q, p)),
    refDelta(p.oid, writing(p, q)),
    blob,
    ...rest,
  );
  yield named('a delta on a tree', refDelta(BASE_TREE.oid, writing(BASE_TREE, BLOB)), ...rest);
  const lies: Readonly<Record<string, Buffer>> = {
    'of nothing': Buffer.alloc(0),
    'of one byte': Buffer.of(1),
    'of endless size digits': Buffer.alloc(64, 0xff),
    'on a base of another size': deltaOf(5, BLOB.bytes.length, ['text\n']),
    'with a longer result': deltaOf(BASE_BLOB.bytes.length, 4, ['text\n']),
    'with a shorter result': deltaOf(BASE_BLOB.bytes.length, 6, ['text\n']),
    'with the reserved step': Buffer.concat([made, Buffer.of(0)]),
    'cut off in a text': made.subarray(0, -2),
    'cut off in a copy': Buffer.concat([deltaOf(BASE_BLOB.bytes.length, 9, []), Buffer.of(0xff, 0)]),
    'that copies from behind the end': deltaOf(BASE_BLOB.bytes.length, 5, [{ offset: 2 ** 20, size: 5 }]),
    'that copies over the end': deltaOf(BASE_BLOB.bytes.length, 9, [
      { offset: BASE_BLOB.bytes.length - 4, size: 9 },
    ]),
    'that copies from 2^32 - 1': deltaOf(BASE_BLOB.bytes.length, 5, [{ offset: 0xffffffff | 0, size: 5 }]),
    'with a result of 2^50 bytes': deltaOf(BASE_BLOB.bytes.length, 2 ** 50, ['text\n']),
    'with a text behind its result': deltaOf(BASE_BLOB.bytes.length, 5, ['text\n', 'more']),
  };
  for (const [name, delta] of Object.entries(lies)) {
    yield named(`a delta ${name}`, refDelta(BASE_BLOB.oid, delta), ...rest);
  }
  const baseEntry = entryOf(BASE_BLOB);
  const start = BigInt(baseEntry.header.length + baseEntry.body.length);
  for (const distance of [
    0n,
    1n,
    5n,
    start - 1n,
    start,
    start + 1n,
    start + 12n,
    1n << 31n,
    1n << 62n,
    1n << 63n,
    1n << 70n,
  ])
    yield named(
      `a delta on what is ${distance} bytes before`,
      baseEntry,
      offsetDelta(distance, made),
      ...rest,
    );
  for (const depth of [10, 60, 300]) yield chained(depth);
  yield named('a tree by a delta', blob, folder, refDelta(BASE_TREE.oid, writing(BASE_TREE, TREE)), commit);
  yield named(
    'a commit by a delta',
    blob,
    folder,
    tree,
    refDelta(BASE_COMMIT.oid, writing(BASE_COMMIT, COMMIT)),
  );
}

/** Each file is a delta on the one before. */
function chained(depth: number): HostilePack {
  let base = raw('blob', 'link 0');
  const entries = [entryOf(base)];
  for (let link = 1; link <= depth; link++) {
    const next = raw('blob', `link ${link}`);
    entries.unshift(refDelta(base.oid, writing(base, next)));
    base = next;
  }
  const tree = raw('tree', treeEntry('last.txt', base.oid));
  const commit = raw('commit', commitText(tree.oid));
  const pack = packOf([...entries, entryOf(tree), entryOf(commit)]);
  return { name: `a chain of ${depth} deltas`, pack, tip: commit.oid };
}

/** Characters that HFS+ ignores in names. */
const IGNORED = [0x200c, 0x200d, 0x200e, 0x200f, 0x202a, 0x202e, 0x206a, 0x206f, 0xfeff];

const NAMES = [
  '',
  '.',
  '..',
  '...',
  '/',
  'a/b',
  '/a',
  'a/',
  '../x',
  '.git',
  '.GIT',
  '.Git',
  '.giT',
  '.git ',
  '.git.',
  '.git. .',
  '.git...',
  ' .git',
  '.git\\',
  '.git\\config',
  'a\\..\\.git',
  '.git::$INDEX_ALLOCATION',
  '.git:x',
  'git~1',
  'GIT~1',
  'gIt~1',
  'git~2',
  'git~10',
  'git~1 ',
  'git~1.',
  '.gitmodules',
  '.gitattributes',
  '.gitignore',
  '.mailmap',
  'gitmod~1',
  'GI7EBA~1',
  'con',
  'a:b',
  'tab\there',
  'line\nfeed',
  '\x7f',
  '-rf',
  '.gi\u0307t',
  '.ɡit',
  '.gıt',
  'ünï',
  '日本',
  '.g\u0000it',
  'x'.repeat(255),
  'x'.repeat(256),
  'x'.repeat(4097),
  ...IGNORED.flatMap((code) => [`.g${String.fromCodePoint(code)}it`, `.git${String.fromCodePoint(code)}`]),
];

/** Words of the hub's own refusals, by the names that git itself lets pass. */
function stricterName(name: string): RegExp | undefined {
  return Buffer.byteLength(name) > 255
    ? /paths may have \d+ bytes|names of files and folders may have 255 bytes/
    : undefined;
}

function* treeNames(): Generator<HostilePack> {
  for (const [index, name] of NAMES.entries()) {
    const label = `${JSON.stringify(name.slice(0, 30))} (${name.length})`;
    const stricter = stricterName(name);
    const more = stricter && { stricter };
    yield { ...withTree(`a file ${label}`, treeEntry(name, BLOB.oid)), ...more };
    if (index % 3 === 0)
      yield { ...withTree(`a folder ${label}`, treeEntry(name, FOLDER.oid, '40000')), ...more };
    if (/^\.?gi.*(?:mod|ign|attr|EBA)|mailmap/i.test(name))
      yield withTree(`a link ${label}`, treeEntry(name, BLOB.oid, '120000'));
  }
  const invalid = Buffer.concat([
    Buffer.from('100644 bad'),
    Buffer.of(0xff, 0xfe, 0xc0, 0xaf, 0),
    Buffer.from(BLOB.oid, 'hex'),
  ]);
  yield withTree('a name that is not UTF-8', invalid);
  const modules = raw('blob', '[submodule "../../x"]\n\tpath = x\n\turl = --upload-pack=evil\n');
  yield withTree('submodules with an evil address', treeEntry('.gitmodules', modules.oid), modules);
  const attributes = raw('blob', `* ${'x'.repeat(3000)}\n`);
  yield withTree('attributes with a long line', treeEntry('.gitattributes', attributes.oid), attributes);
}

const UNKNOWN_MODE = /unknown mode|malformed mode/;

function* treeShapes(dice: Dice): Generator<HostilePack> {
  for (const mode of ['100664', '100600', '100755', '100777', '0100644', '040000', '160000', '120777'])
    yield withTree(`mode ${mode}`, treeEntry('x', mode.endsWith('40000') ? FOLDER.oid : BLOB.oid, mode));
  for (const mode of [
    '',
    '0',
    '777',
    '20000',
    '60000',
    '140000',
    '170000',
    '1006440',
    '10064',
    '1'.repeat(12),
    '77777777777',
    '100 644',
  ])
    yield {
      ...withTree(`mode ${JSON.stringify(mode)}`, treeEntry('x', BLOB.oid, mode)),
      stricter: UNKNOWN_MODE,
    };
  for (const mode of ['abc', '10064x', '-100644', '+100644', '100648', ' 100644'])
    yield withTree(`mode ${JSON.stringify(mode)}`, treeEntry('x', BLOB.oid, mode));
  const [a, b, folder] = [
    treeEntry('a', BLOB.oid),
    treeEntry('b', BLOB.oid),
    treeEntry('a', FOLDER.oid, '40000'),
  ];
  const shapes: Readonly<Record<string, Buffer>> = {
    'of nothing': Buffer.alloc(0),
    'not sorted': Buffer.concat([b, a]),
    'with one name twice': Buffer.concat([a, a]),
    'with one name as file and folder': Buffer.concat([a, folder]),
    'with one name as folder and file': Buffer.concat([folder, a]),
    'with one name twice, apart': Buffer.concat([a, treeEntry('a.x', BLOB.oid), folder]),
    'sorted as if folders were files': Buffer.concat([folder, treeEntry('a.x', BLOB.oid)]),
    'with a zero id': treeEntry('a', ZERO_OID),
    'with a zero folder': treeEntry('a', ZERO_OID, '40000'),
    'with a zero submodule': treeEntry('a', ZERO_OID, '160000'),
    'with a submodule': treeEntry('a', ABSENT, '160000'),
    'with a missing file': treeEntry('a', ABSENT),
    'with a missing folder': treeEntry('a', ABSENT, '40000'),
    'with a file as a folder': treeEntry('a', BLOB.oid, '40000'),
    'with a folder as a file': treeEntry('a', FOLDER.oid),
    'with a commit as a file': treeEntry('a', BASE.tip),
    'with a commit as a folder': treeEntry('a', BASE.tip, '40000'),
    'cut off in an id': a.subarray(0, -1),
    'cut off in a name': a.subarray(0, 8),
    'cut off in a mode': a.subarray(0, 3),
    'with text behind it': Buffer.concat([a, Buffer.from('more')]),
    'of zeros': Buffer.alloc(64),
    'of text': Buffer.from('this is not a tree'),
    'with itself as its commit': treeEntry('a', COMMIT.oid, '160000'),
  };
  for (const [name, bytes] of Object.entries(shapes)) yield withTree(`a tree ${name}`, bytes);
  for (let step = 0; step < 40; step++)
    yield { ...withTree(`a tree with flip ${step}`, dice.flipped(TREE.bytes)), stricter: UNKNOWN_MODE };
}

function* commits(dice: Dice): Generator<HostilePack> {
  const text = COMMIT.bytes.toString('latin1');
  const person = `author ${SIGNATURE}`;
  const changes: Readonly<Record<string, (commit: string) => string>> = {
    'of nothing': () => '',
    'of a line feed': () => '\n',
    'without a tree': (commit) => commit.replace(/^tree .*\n/, ''),
    'with a tree that is no id': (commit) => commit.replace(TREE.oid, 'z'.repeat(40)),
    'with a tree in capitals': (commit) => commit.replace(TREE.oid, TREE.oid.toUpperCase()),
    'with a short tree': (commit) => commit.replace(TREE.oid, TREE.oid.slice(0, 39)),
    'with a missing tree': (commit) => commit.replace(TREE.oid, ABSENT),
    'with a zero tree': (commit) => commit.replace(TREE.oid, ZERO_OID),
    'with a file as its tree': (commit) => commit.replace(TREE.oid, BLOB.oid),
    'with two trees': (commit) => `tree ${TREE.oid}\n${commit}`,
    'with a file as its parent': (commit) => commit.replace(BASE.tip, BLOB.oid),
    'with a tree as its parent': (commit) => commit.replace(BASE.tip, TREE.oid),
    'with a missing parent': (commit) => commit.replace(BASE.tip, ABSENT),
    'with a zero parent': (commit) => commit.replace(BASE.tip, ZERO_OID),
    'with one parent twice': (commit) => commit.replace('author', `parent ${BASE.tip}\nauthor`),
    'with half a parent': (commit) => commit.replace(BASE.tip, BASE.tip.slice(0, 20)),
    'without a parent': (commit) => commit.replace(/parent .*\n/, ''),
    'with a parent behind the author': (commit) =>
      commit.replace('committer', `parent ${BASE.tip}\ncommitter`),
    'without an author': (commit) => commit.replace(`${person}\n`, ''),
    'with two authors': (commit) => commit.replace(person, `${person}\n${person}`),
    'without a committer': (commit) => commit.replace(/committer .*\n/, ''),
    'with the committer first': (commit) => commit.replace(/(author .*\n)(committer .*\n)/, '$2$1'),
    'without an address': (commit) => commit.replace(person, 'author A 1800000000 +0000'),
    'without a space before the address': (commit) =>
      commit.replace(person, 'author A<a@b> 1800000000 +0000'),
    'without a name': (commit) => commit.replace(person, 'author <a@b> 1800000000 +0000'),
    'with brackets in a name': (commit) => commit.replace(person, 'author A>B <a@b> 1800000000 +0000'),
    'with brackets in an address': (commit) => commit.replace(person, 'author A <a<b> 1800000000 +0000'),
    'without a date': (commit) => commit.replace(person, 'author A <a@b>'),
    'with words for a date': (commit) => commit.replace(person, 'author A <a@b> yesterday +0000'),
    'with a date before all': (commit) => commit.replace(person, 'author A <a@b> -1 +0000'),
    'with a padded date': (commit) => commit.replace(person, 'author A <a@b> 0001800000000 +0000'),
    'of 1970': (commit) => commit.replaceAll('1800000000', '0'),
    'of the year 9999999': (commit) => commit.replaceAll('1800000000', '315569519999999'),
    'of the last second': (commit) => commit.replaceAll('1800000000', '9223372036854775807'),
    'of the second behind the last': (commit) => commit.replaceAll('1800000000', '9223372036854775808'),
    'of no time at all': (commit) => commit.replaceAll('1800000000', '9'.repeat(30)),
    'without a zone': (commit) => commit.replaceAll(' +0000', ''),
    'with a short zone': (commit) => commit.replaceAll('+0000', '+00'),
    'with a long zone': (commit) => commit.replaceAll('+0000', '+000000'),
    'with a zone of 99 hours': (commit) => commit.replaceAll('+0000', '+9999'),
    'without a sign in its zone': (commit) => commit.replaceAll('+0000', '00000'),
    'without a message': (commit) => commit.replace(/\n\n.*$/s, '\n\n'),
    'without an end of its headers': (commit) => commit.replace(/\n\n.*$/s, '\n'),
    'without the last line feed': (commit) => commit.replace(/\n\n.*$/s, ''),
    'with a zero byte in its message': (commit) => commit.replace('hostile', 'hos\0tile'),
    'with a zero byte in a name': (commit) => commit.replace('author A', 'author A\0B'),
    'with a zero byte behind its headers': (commit) => commit.replace('\n\n', '\0\n\n'),
    'with bytes that are no text': (commit) => commit.replace('hostile', '\xff\xfe\x80'),
    'with a line without a name': (commit) => commit.replace('\n\n', '\n nothing\n\n'),
    'with a header of one word': (commit) => commit.replace('\n\n', '\nword\n\n'),
    'with an unknown header': (commit) => commit.replace('\n\n', '\nword by word\n\n'),
    'with an unknown encoding': (commit) => commit.replace('\n\n', '\nencoding klingon\n\n'),
    'in UTF-16': (commit) => commit.replace('\n\n', '\nencoding utf-16le\n\n'),
    'with an empty signature': (commit) => commit.replace('\n\n', '\ngpgsig \n\n'),
    'with a merged tag': (commit) => commit.replace('\n\n', '\nmergetag x\n y\n\n'),
    'with controls in its title': (commit) => commit.replace('hostile', '\x1b[31mhos\u0007tile\r'),
    'with a long title': (commit) => commit.replace('hostile', 'x'.repeat(100_000)),
    'with a name of 100,000 bytes': (commit) => commit.replace('author A', `author ${'x'.repeat(100_000)}`),
    'with 500 parents': (commit) => commit.replace('author', `${`parent ${BASE.tip}\n`.repeat(500)}author`),
    'of more than 1 MiB': (commit) => commit.replace('hostile', 'hostile '.repeat(150_000)),
  };
  for (const [name, change] of Object.entries(changes)) {
    const pack = ofObjects(`a commit ${name}`, raw('commit', change(text)), BLOB, FOLDER, TREE);
    yield { ...pack, stricter: STRICTER_COMMIT };
  }
  for (let step = 0; step < 30; step++) {
    const commit = raw('commit', dice.flipped(COMMIT.bytes));
    yield {
      ...ofObjects(`a commit with flip ${step}`, commit, BLOB, FOLDER, TREE),
      stricter: STRICTER_COMMIT,
    };
  }
}

/** The hub keeps commits in rows: it must be able to read their lines, and bounds their size. */
const STRICTER_COMMIT = /malformed header line|lacks its|not an object id|is larger than 1 MiB/;
/** What a branch may name, and how deep tags go. */
const STRICTER_TIP = /must name a commit|malformed header line/;

function* tags(dice: Dice): Generator<HostilePack> {
  const text = `object ${COMMIT.oid}\ntype commit\ntag v1\ntagger ${SIGNATURE}\n\nA tag\n`;
  const changes: Readonly<Record<string, (tag: string) => string>> = {
    'with nothing wrong': (tag) => tag,
    'of nothing': () => '',
    'without an object': (tag) => tag.replace(/object .*\n/, ''),
    'of a missing object': (tag) => tag.replace(COMMIT.oid, ABSENT),
    'of the zero object': (tag) => tag.replace(COMMIT.oid, ZERO_OID),
    'of a file that says commit': (tag) => tag.replace(COMMIT.oid, BLOB.oid),
    'of a file': (tag) => tag.replace(COMMIT.oid, BLOB.oid).replace('type commit', 'type blob'),
    'of an unknown type': (tag) => tag.replace('type commit', 'type banana'),
    'without a type': (tag) => tag.replace('type commit\n', ''),
    'without a name': (tag) => tag.replace('tag v1\n', ''),
    'with an empty name': (tag) => tag.replace('tag v1', 'tag '),
    'with a bad name': (tag) => tag.replace('tag v1', 'tag ../v..1'),
    'without a tagger': (tag) => tag.replace(/tagger .*\n/, ''),
    'with half a tagger': (tag) => tag.replace(SIGNATURE, 'A <a'),
    'with a bad date': (tag) => tag.replace('1800000000', '99999999999999999999'),
    'with a zero byte': (tag) => tag.replace('A tag', 'A\0tag'),
    'with more headers': (tag) => tag.replace('\n\n', '\nmore of it\n\n'),
  };
  for (const [name, change] of Object.entries(changes)) {
    const tag = raw('tag', change(text));
    yield { ...ofObjects(`a tag ${name}`, tag, ...WHOLE), stricter: STRICTER_TIP };
  }
  for (let step = 0; step < 12; step++) {
    const tag = raw('tag', dice.flipped(Buffer.from(text)));
    yield { ...ofObjects(`a tag with flip ${step}`, tag, ...WHOLE), stricter: STRICTER_TIP };
  }
  for (const tip of [BLOB, FOLDER]) {
    yield { ...ofObjects(`a ${tip.type} as its tip`, tip, ...WHOLE), stricter: STRICTER_TIP };
  }
}

/** A pack that would cost the machine more than a comparison with git is worth. */
export interface Bomb {
  readonly name: string;
  readonly pack: Buffer;
  readonly tip: string;
  /** Words of the hub's refusal. */
  readonly refusal: RegExp;
}

/** A few hundred kilobytes each, and hundreds of megabytes when they are unpacked. */
export function* bombs(): Generator<Bomb> {
  const size = 300 * 2 ** 20;
  const whole = WHOLE.map((object) => entryOf(object));
  const body = deflateSync(Buffer.alloc(size, 'a'));
  const memory = /it takes too much memory/;
  const large = /files larger than 10 MiB/;
  const file = raw('blob', Buffer.alloc(size, 'a'));
  const root = raw('tree', treeEntry('swollen', file.oid));
  const commit = raw('commit', commitText(root.oid));
  const swollen = { header: entryHeader(TYPE_CODE.blob, BigInt(size)), body };
  yield {
    name: 'a file of 300 MB',
    pack: packOf([swollen, entryOf(root), entryOf(commit)]),
    tip: commit.oid,
    refusal: large,
  };
  for (const type of ['commit', 'tree', 'tag'] as const) {
    const pack = packOf([...whole, { header: entryHeader(TYPE_CODE[type], BigInt(size)), body }]);
    yield { name: `a ${type} of 300 MB`, pack, tip: COMMIT.oid, refusal: memory };
  }
  const page = raw('blob', Buffer.alloc(2 ** 20, 'z'));
  for (const pages of [300, 1200, 16_000]) {
    const copies = Array.from({ length: pages }, () => ({ offset: 0, size: page.bytes.length }));
    const delta = deltaOf(page.bytes.length, pages * page.bytes.length, copies);
    const pack = packOf([...whole, entryOf(page), refDelta(page.oid, delta)]);
    yield { name: `a delta that makes ${pages} MB`, pack, tip: COMMIT.oid, refusal: large };
  }
}

/** The same packs in every run. */
export function hostilePacks(seed: number): readonly HostilePack[] {
  const dice = new Dice(seed);
  return [
    ...damagedStreams(dice),
    ...lyingHeaders(),
    ...deltas(),
    ...treeNames(),
    ...treeShapes(dice),
    ...commits(dice),
    ...tags(dice),
  ];
}
