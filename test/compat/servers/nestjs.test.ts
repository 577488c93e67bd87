import { COLON_TEMPLATES, commonCases, describeServer } from './describe-server.ts'

const cases = commonCases(COLON_TEMPLATES)

for (const version of ['nestjs-11', 'nestjs-12']) {
  for (const platform of ['express', 'fastify']) {
    describeServer(`${version}/server.mjs`, { cases, env: { FIXTURE_PLATFORM: platform } })
  }
}
