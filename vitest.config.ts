import { defineConfig } from 'vitest/config';

// Four sizes of tests; `CONTRIBUTING.md` says which belongs where.
export default defineConfig({
  // Packages are to be the files that Node itself takes: two copies of graphql do not know each other's errors.
  ssr: { resolve: { conditions: ['node', 'module-sync'] } },
  test: {
    restoreMocks: true,
    // Nothing lives in modules, so the files of one worker can share them: loading them for each file took a third of the time.
    isolate: false,
    // Half of the time of a test goes into PostgreSQL and other processes, which wait for no core of their own.
    maxWorkers: '100%',
    testTimeout: 30_000,
    hookTimeout: 60_000,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['{src,schema,facade}/**/*.test.ts'],
        },
      },
      {
        test: {
          name: 'integration',
          include: ['test/{integration,schema,regressions}/**/*.test.ts'],
          globalSetup: ['test/support/global-postgres.ts'],
        },
      },
      {
        test: {
          name: 'contract',
          include: ['test/contract/**/*.test.ts'],
          globalSetup: ['test/support/global-postgres.ts'],
        },
      },
      {
        test: {
          name: 'git',
          include: ['test/git/**/*.test.ts'],
          globalSetup: ['test/support/global-postgres.ts'],
        },
      },
      { test: { name: 'xet', include: ['test/xet/**/*.test.ts'] } },
      {
        test: {
          name: 's3',
          include: ['test/contract-s3/**/*.test.ts'],
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          globalSetup: ['test/support/global-postgres.ts'],
        },
      },
    ],
  },
});
