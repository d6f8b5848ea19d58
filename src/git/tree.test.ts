import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { hashObject, MalformedObject } from './object.ts';
import { parseOid } from './oid.ts';
import type { Oid } from './oid.ts';
import { compareTreeEntries, decodeTree, encodeTree } from './tree.ts';
import type { TreeEntry } from './tree.ts';

const HELLO = parseOid('ce013625030ba8dba906f756967f9e9ca394464a');
const X = parseOid('c1b0730e0133447badcfd47fd144e254807b06e1');
const FOLDER_WITH_X = parseOid('f115c6d5cfb15ca1a72429900dcaca0fd1057951');
const SUB = [
  { name: 'run', mode: '100755', oid: parseOid('1a2485251c33a70432394c93fb89330ef214bfc9') },
  { name: 'link', mode: '120000', oid: parseOid('2e65efe2a145dda7ee51d1741299f848e5bf752e') },
] satisfies TreeEntry[];

/** In the order in which git stored them. */
const STORED: TreeEntry[] = [
  { name: 'a', mode: '100644', oid: HELLO },
  { name: 'a-', mode: '40000', oid: FOLDER_WITH_X },
  { name: 'a.b', mode: '100644', oid: HELLO },
  { name: 'a0', mode: '40000', oid: FOLDER_WITH_X },
  { name: 'b\udcff', mode: '100644', oid: X },
  { name: 'sub', mode: '40000', oid: parseOid('ac3549343922730a96d7a2cd765b14e78baeae95') },
  { name: '\u{ffee}', mode: '100644', oid: X },
  { name: '\u{1f600}', mode: '100644', oid: X },
];

describe('encodeTree', () => {
  it('gives the ids that git gives, from any order', () => {
    expect(hashObject('tree', encodeTree(STORED))).toBe('c2ae9451172e8c9ed6ac372fbdd19f0fb23f3f5e');
    expect(hashObject('tree', encodeTree(STORED.toReversed()))).toBe(
      'c2ae9451172e8c9ed6ac372fbdd19f0fb23f3f5e',
    );
    expect(hashObject('tree', encodeTree(SUB))).toBe('ac3549343922730a96d7a2cd765b14e78baeae95');
  });

  it('leaves its argument alone', () => {
    const entries = Object.freeze(STORED.toReversed());
    encodeTree(entries);
    expect(entries).toEqual(STORED.toReversed());
  });

  it('refuses a name twice, also as file and folder with another name between', () => {
    const twice: TreeEntry[] = [
      { name: 'a', mode: '100644', oid: X },
      { name: 'a.b', mode: '100644', oid: X },
      { name: 'a', mode: '40000', oid: FOLDER_WITH_X },
    ];
    expect(() => encodeTree(twice)).toThrow(MalformedObject);
  });

  it('refuses a forbidden name', () => {
    expect(() => encodeTree([{ name: '.Git', mode: '100644', oid: X }])).toThrow(MalformedObject);
  });
});

describe('decodeTree', () => {
  it('reads what was written', () => {
    expect(decodeTree(encodeTree(STORED))).toEqual(STORED);
    expect(decodeTree(Buffer.alloc(0))).toEqual([]);
  });

  it.for([
    ['100664', '100644'],
    ['100755', '100755'],
    ['100600', '100644'],
    ['040000', '40000'],
    ['120777', '120000'],
    ['160000', '160000'],
  ])('reads mode %s as %s', ([stored, mode]) => {
    expect(decodeTree(rawEntry(`${stored} f`))).toEqual([{ name: 'f', mode, oid: X }]);
  });

  it.for(['', ' f', '100644f', '8 f', '-1 f', '100644 ', '100644 a/b', '1006440000 f', '20000 f', '0 f'])(
    'refuses %j',
    (head) => {
      expect(() => decodeTree(rawEntry(head))).toThrow(MalformedObject);
    },
  );

  it('refuses a tree that is cut off anywhere, and never fails otherwise', () => {
    const bytes = encodeTree(STORED.slice(0, 1));
    for (let end = 1; end < bytes.length; end++) {
      expect(() => decodeTree(bytes.subarray(0, end))).toThrow(MalformedObject);
    }
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => isRefusedOrRead(Buffer.from(noise))));
  });
});

describe('compareTreeEntries', () => {
  it('orders as the bytes do, a folder with a slash at its end', () => {
    const name = fc.string({
      unit: fc.constantFrom('a', '!', '0', '-', 'é', '\u{ffee}', '\u{1f600}', '\udcff'),
      minLength: 1,
      maxLength: 3,
    });
    const entry = fc.record({ name, mode: fc.constantFrom('100644' as const, '40000' as const) });
    fc.assert(
      fc.property(entry, entry, (a, b) => {
        expect(Math.sign(compareTreeEntries(a, b))).toBe(Buffer.compare(storedKey(a), storedKey(b)));
      }),
      { numRuns: 2000 },
    );
  });
});

function rawEntry(head: string, oid: Oid = X): Buffer {
  return Buffer.concat([Buffer.from(`${head}\0`, 'latin1'), Buffer.from(oid, 'hex')]);
}

function isRefusedOrRead(bytes: Buffer): boolean {
  try {
    return decodeTree(bytes).length >= 0;
  } catch (error) {
    return error instanceof MalformedObject;
  }
}

/** The name's bytes as a one-entry tree holds them, with the slash that folders sort by. */
function storedKey(entry: Omit<TreeEntry, 'oid'>): Buffer {
  const tree = encodeTree([{ ...entry, oid: X }]);
  const name = tree.subarray(entry.mode.length + 1, -21);
  return entry.mode === '40000' ? Buffer.concat([name, Buffer.from('/')]) : name;
}
