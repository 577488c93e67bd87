import { defineConfig } from 'vitest/config'

const source = { resolve: { conditions: ['@tokentrail/source'] } }
const onSource = { ...source, ssr: source }

export default defineConfig({
  test: {
    projects: [
      // Functions and modules, on their sources; seconds.
      {
        ...onSource,
        test: {
          name: 'unit',
          include: ['packages/*/test/**/*.test.ts'],
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
