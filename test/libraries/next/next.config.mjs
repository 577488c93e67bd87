import { fileURLToPath } from 'node:url'

export default {
  output: 'standalone',
  outputFileTracingRoot: fileURLToPath(new URL('..', import.meta.url)),
  turbopack: { root: fileURLToPath(new URL('..', import.meta.url)) },
  // What is bundled cannot be seen.
  serverExternalPackages: ['jose'],
}
