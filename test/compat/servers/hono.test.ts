import { COLON_TEMPLATES, commonCases, describeServer } from './describe-server.ts'

describeServer('hono/server.mjs', { cases: commonCases(COLON_TEMPLATES) })
