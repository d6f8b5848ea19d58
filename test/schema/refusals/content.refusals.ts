import { named, type RefusalRows, type Target } from './rows.ts';

const FILE = { path: 'a.txt', content: 'a' };
const HEX = 'ab'.repeat(32);

function repo(target: Target) {
  return { repo: named(target) };
}

/** Branches, tags, commits and locks. */
export const contentRefusals: RefusalRows = {
  graphql: {
    createBranch: { input: (target) => ({ ...repo(target), name: 'dev' }), stranger: 'Forbidden' },
    deleteBranch: { input: (target) => ({ ...repo(target), name: 'dev' }), stranger: 'Forbidden' },
    createTag: { input: (target) => ({ ...repo(target), name: 'v1' }), stranger: 'Forbidden' },
    deleteTag: { input: (target) => ({ ...repo(target), name: 'v1' }), stranger: 'Forbidden' },
    commitFiles: {
      input: (target) => ({ ...repo(target), title: 'Change', operations: [{ file: FILE }] }),
      stranger: 'Forbidden',
    },
    revertCommit: { input: (target) => ({ ...repo(target), revision: 'main' }), stranger: 'Forbidden' },
    resetBranch: {
      input: (target) => ({ ...repo(target), branch: 'main', revision: 'main', isForced: true }),
      stranger: 'Forbidden',
    },
    mergeRevision: {
      input: (target) => ({ ...repo(target), source: 'main', destination: 'main' }),
      stranger: 'Forbidden',
    },
    superSquashBranch: { input: (target) => ({ ...repo(target), branch: 'main' }), stranger: 'Forbidden' },
    lockFile: { input: (target) => ({ ...repo(target), path: 'a.txt' }), stranger: 'Forbidden' },
    unlockFile: { input: (target) => ({ ...repo(target), lockId: '1' }), stranger: 'Forbidden' },
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
    'locks.unlock': { input: (target) => ({ ...named(target), lockId: '1' }), stranger: 'Forbidden' },
  },
};
