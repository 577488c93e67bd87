'use strict'

/** A middleware that demands a scope of the token that `jwt` or `jwk` has verified. */
exports.requireScope = (scope) => async (c, next) => {
  if (c.get('jwtPayload').scope.split(' ').includes(scope)) return next()
  c.header('WWW-Authenticate', `Bearer error="insufficient_scope", scope="${scope}"`)
  return c.body(null, 403)
}
