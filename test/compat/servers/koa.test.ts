import { COLON_TEMPLATES, commonCases, describeServer } from './describe-server.ts'

for (const version of ['koa-2', 'koa-3']) {
  describeServer(`${version}/server.mjs`, { cases: commonCases(COLON_TEMPLATES) })
}
