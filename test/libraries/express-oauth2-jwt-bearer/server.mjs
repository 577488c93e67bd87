import express from 'express'
import {
  auth,
  claimCheck,
  claimEquals,
  claimIncludes,
  requiredScopes,
  scopeIncludesAny,
} from 'express-oauth2-jwt-bearer'

const checkToken = auth({
  issuerBaseURL: process.env.FIXTURE_ISSUER,
  audience: process.env.FIXTURE_AUDIENCE,
})

const app = express()
app.get('/v1/orders/:id', checkToken, requiredScopes('orders:read'), (request, response) =>
  response.json({ subject: request.auth.payload.sub }),
)

const answer = (_, response) => response.json({})
app.get('/v1/any', checkToken, scopeIncludesAny('reports:read reports:write'), answer)
app.get(
  '/v1/check',
  checkToken,
  claimCheck(({ sub }) => sub === 'bob'),
  answer,
)
app.get('/v1/equals', checkToken, claimEquals('tenant', 'acme'), answer)
app.get('/v1/includes', checkToken, claimIncludes('roles', 'admin'), answer)

// Its own answer, without the headers that the error brings.
app.get('/v1/quiet', checkToken, requiredScopes(['reports:read', 'orders:read']), answer)
app.use('/v1/quiet', (error, request, response, _next) =>
  response.status(error.status).json({ error: 'no' }),
)

const server = app.listen(0, '127.0.0.1', () => console.log('served on', server.address().port))
