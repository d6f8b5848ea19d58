import { named, type RefusalRows } from './rows.ts';

const FILE = { path: 'a.txt', content: 'a' };
const HEX = 'ab'.repeat(32);

/** Branches, tags, commits and locks. */
export const contentRefusals: RefusalRows = {
  graphql: {
    createBranch: { input: (target) => ({ ...named(target), branch: 'dev' }), stranger: 'Forbidden' },
    deleteBranch: { input: (target) => ({ ...named(target), branch: 'dev' }), stranger: 'Forbidden' },
    createTag: { input: (target) => ({ ...named(target), tag: 'v1' }), stranger: 'Forbidden' },
    deleteTag: { input: (target) => ({ ...named(target), tag: 'v1' }), stranger: 'Forbidden' },
    commitFiles: {
      input: (target) => ({ ...named(target), title: 'Change', operations: [{ file: FILE }] }),
      stranger: 'Forbidden',
    },
    revertCommit: { input: (target) => ({ ...named(target), revision: 'main' }), stranger: 'Forbidden' },
    resetBranch: {
      input: (target) => ({ ...named(target), branch: 'main', revision: 'main', isForced: true }),
      stranger: 'Forbidden',
    },
    mergeRevision: {
      input: (target) => ({ ...named(target), source: 'main', destination: 'main' }),
      stranger: 'Forbidden',
    },
    superSquashBranch: { input: (target) => ({ ...named(target), branch: 'main' }), stranger: 'Forbidden' },
    lockFile: { input: (target) => ({ ...named(target), path: 'a.txt' }), stranger: 'Forbidden' },
    unlockFile: { input: (target) => ({ ...named(target), id: btoa('FileLock:1') }), stranger: 'Forbidden' },
  },
  trpc: {
    'branches.create': { input: (target) => ({ ...named(target), branch: 'dev' }), stranger: 'Forbidden' },
    'branches.delete': { input: (target) => ({ ...named(target), branch: 'dev' }), stranger: 'Forbidden' },
    'branches.revert': {
      input: (target) => ({ ...named(target), revision: 'main' }),
      stranger: 'Forbidden',
    },
    'branches.reset': {
      input: (target) => ({ ...named(target), branch: 'main', revision: 'main', isForced: true }),
      stranger: 'Forbidden',
    },
    'branches.merge': {
      input: (target) => ({ ...named(target), source: 'main', destination: 'main' }),
      stranger: 'Forbidden',
    },
    'branches.superSquash': {
      input: (target) => ({ ...named(target), branch: 'main' }),
      stranger: 'Forbidden',
    },
    'tags.create': { input: (target) => ({ ...named(target), tag: 'v1' }), stranger: 'Forbidden' },
    'tags.delete': { input: (target) => ({ ...named(target), tag: 'v1' }), stranger: 'Forbidden' },
    'commits.create': {
      input: (target) => ({
        ...named(target),
        title: 'Change',
        operations: [{ kind: 'lfsFile', path: 'a.bin', sha256: HEX }],
      }),
      stranger: 'Forbidden',
    },
    'locks.lock': { input: (target) => ({ ...named(target), path: 'a.txt' }), stranger: 'Forbidden' },
    'locks.unlock': { input: (target) => ({ ...named(target), id: 1 }), stranger: 'Forbidden' },
  },
};
