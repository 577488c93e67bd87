/** A test suite that a library's authors publish in its repository. */
export interface Suite {
  /** Name of the package, as it is published; the checkout has to be its folder in a node_modules. */
  readonly package: string
  /** What Node runs in the checkout; prints TAP. */
  readonly command: readonly string[]
  /** What its authors put into NODE_OPTIONS. Default is nothing. */
  readonly nodeOptions?: readonly string[]
}

const NODE_TEST = ['--test', '--test-reporter', 'tap']
const VITEST = ['node_modules/vitest/vitest.mjs', 'run', '--reporter', 'tap']

const mocha = (...options: readonly string[]): readonly string[] => [
  'node_modules/mocha/bin/_mocha',
  '--reporter',
  'tap',
  ...options,
]

/** Suites that are known; each comes with its dependencies installed, and built where it has to be. */
export const SUITES: Readonly<Record<string, Suite>> = {
  express: {
    package: 'express',
    command: mocha('--require', 'test/support/env', '--check-leaks', 'test/', 'test/acceptance/'),
  },
  fastify: { package: 'fastify', command: [...NODE_TEST, 'test/*.test.js', 'test/*/*.test.js'] },
  'fastify-jwt': { package: '@fastify/jwt', command: NODE_TEST },
  'fast-jwt': { package: 'fast-jwt', command: [...NODE_TEST, 'test/**.spec.js'] },
  'hono-node-server': { package: '@hono/node-server', command: VITEST },
  jose: {
    package: 'jose',
    command: ['node_modules/ava/entrypoints/cli.mjs', '--tap'],
    nodeOptions: ['--enable-source-maps', '--import=ts-blank-space/register'],
  },
  jsonwebtoken: { package: 'jsonwebtoken', command: mocha('--use_strict') },
  koa: { package: 'koa', command: NODE_TEST },
  'oauth2-server': {
    package: '@node-oauth/oauth2-server',
    command: mocha('test/**/*_test.js'),
  },
  passport: {
    package: 'passport',
    command: mocha('--require', 'test/bootstrap/node', 'test/*.test.js', 'test/**/*.test.js'),
  },
  'passport-http-bearer': {
    package: 'passport-http-bearer',
    command: mocha('--require', './test/bootstrap/node', '--recursive'),
  },
  'passport-jwt': {
    package: 'passport-jwt',
    command: mocha('--require', 'test/bootstrap', 'test/*test.js'),
  },
  ws: { package: 'ws', command: mocha('--throw-deprecation', 'test/*.test.js') },
}
