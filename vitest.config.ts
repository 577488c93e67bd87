import { defineConfig } from 'vitest/config'

const source = { resolve: { conditions: ['@tokentrail/source'] } }
const onSource = { ...source, ssr: source }

const GLOBAL = ['packages/{instrumentation,node}/test/**/*.test.ts']

export default defineConfig({
  test: {
    projects: [
      // Functions and modules, on their sources; seconds. Files share a worker: a new one for each
      // of a hundred files costs more than the tests.
      {
        ...onSource,
        test: {
          name: 'unit',
          include: ['packages/*/test/**/*.test.ts', 'test/{attacks,suites}/*.test.ts'],
          exclude: [...GLOBAL, '**/*.process.test.ts', '**/node_modules/**'],
          isolate: false,
          testTimeout: 20_000,
        },
      },
      // The same, where what is tested hooks into the process: a worker for each file.
      {
        ...onSource,
        test: {
          name: 'unit-isolated',
          include: GLOBAL,
          exclude: ['**/*.process.test.ts', '**/node_modules/**'],
          testTimeout: 20_000,
        },
      },
      // Processes of their own that are started, signalled and killed, on their sources.
      {
        ...onSource,
        test: {
          name: 'process',
          include: ['packages/*/test/**/*.process.test.ts'],
          testTimeout: 60_000,
        },
      },
      // Faults, on the sources: what is killed, cut off, full, torn or refused loses nothing it promised.
      {
        ...onSource,
        test: {
          name: 'faults',
          include: ['test/faults/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 60_000,
        },
      },
      // What was built, in applications over every supported version of libraries and frameworks.
      {
        test: {
          name: 'compat',
          include: ['test/compat/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      // What was built, with real servers, browsers and installed packages.
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          testTimeout: 240_000,
          hookTimeout: 240_000,
          fileParallelism: false,
        },
      },
    ],
  },
})
