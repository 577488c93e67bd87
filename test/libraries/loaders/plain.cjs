const { jwtVerify } = require('jose')

import('./application.mjs').then(({ serve }) => serve(jwtVerify))
