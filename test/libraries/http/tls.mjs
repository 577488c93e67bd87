import { createSecureServer } from 'node:http2'
import { createServer } from 'node:https'
import { announce, authorize } from '../authorize.mjs'

/** RFC 8705 §3: the token is for the holder of this certificate alone. */
const isBoundElsewhere = ({ socket }, thumbprint) => {
  const certificate = socket.getPeerX509Certificate?.()
  return thumbprint !== undefined && thumbprint !== thumbprintOf(certificate)
}

const thumbprintOf = (certificate) =>
  certificate &&
  Buffer.from(certificate.fingerprint256.replaceAll(':', ''), 'hex').toString('base64url')

const onRequest = async (request, response) => {
  const { binding, status, challenge, subject } = await authorize(request.headers.authorization)
  if (status !== undefined) {
    return response.writeHead(status, { 'WWW-Authenticate': challenge }).end()
  }
  if (isBoundElsewhere(request, binding?.['x5t#S256'])) {
    return response.writeHead(401, { 'WWW-Authenticate': 'Bearer error="invalid_token"' }).end()
  }
  response.end(JSON.stringify({ subject }))
}

const options = {
  key: process.env.FIXTURE_TLS_KEY,
  cert: process.env.FIXTURE_TLS_CERT,
  requestCert: true,
  rejectUnauthorized: false,
}
const server =
  process.env.FIXTURE_SERVER === 'http2'
    ? createSecureServer({ ...options, allowHTTP1: true }, onRequest)
    : createServer(options, onRequest)
server.listen(0, '127.0.0.1', () => announce(server.address().port))
