// What each application keeps of the sign-in: facts of the ID token that it verified.
import { createRemoteJWKSet, jwtVerify } from 'jose'

const { FIXTURE_ISSUER: issuer } = process.env
const keys = createRemoteJWKSet(new URL(`${issuer}/jwks`))

export const CLIENT = 'orders-client'

export const verifyIdToken = async (idToken) => {
  const { payload } = await jwtVerify(idToken, keys, { audience: CLIENT, issuer })
  const { aud, auth_time, iss, sid, sub } = payload
  return { issuer: iss, clientId: aud, subject: sub, sid, authTime: auth_time }
}

/** OpenID Connect Back-Channel Logout 1.0 §2.6, as far as this fixture needs it. */
export const verifyLogoutToken = async (logoutToken) => {
  const { payload } = await jwtVerify(logoutToken, keys, { audience: CLIENT, issuer })
  return payload.sid
}
