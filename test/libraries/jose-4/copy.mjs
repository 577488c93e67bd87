export { createRemoteJWKSet, jwtVerify } from 'jose'
