import { hono } from '../inbound/routes/hono.ts'
import { koaRouter, unscopedKoaRouter } from '../inbound/routes/koa-router.ts'
import { trpc } from '../inbound/routes/trpc.ts'
import { awsJwtVerify } from './aws-jwt-verify.ts'
import { expressOauth2JwtBearer } from './express-oauth2-jwt-bearer.ts'
import { fastJwt } from './fast-jwt.ts'
import { fastifyJwt } from './fastify-jwt.ts'
import { honoAuth } from './hono-auth.ts'
import { jose } from './jose.ts'
import { jsonwebtoken } from './jsonwebtoken.ts'
import { keycloakConnect } from './keycloak-connect.ts'
import type { LibraryDefinition } from '../hooks/library.ts'
import { mcpSdk } from './mcp-sdk.ts'
import { mcpServer } from './mcp-server.ts'
import { oauth2Server } from './oauth2-server/oauth2-server.ts'
import { oauth4webapi } from './oauth4webapi.ts'
import { oidcProvider } from './oidc-provider/oidc-provider.ts'
import { oktaJwtVerifier } from './okta-jwt-verifier.ts'
import { openidClient } from './openid-client.ts'
import { passportHttpBearer } from './passport-http-bearer.ts'
import { passportJwt } from './passport-jwt.ts'

/** Every library that is hooked, in the order in which states are listed. */
export const LIBRARIES: readonly LibraryDefinition[] = [
  jose,
  jsonwebtoken,
  fastJwt,
  fastifyJwt,
  honoAuth,
  awsJwtVerify,
  oktaJwtVerifier,
  keycloakConnect,
  mcpSdk,
  mcpServer,
  oauth4webapi,
  openidClient,
  oidcProvider,
  oauth2Server,
  passportJwt,
  passportHttpBearer,
  expressOauth2JwtBearer,
  koaRouter,
  unscopedKoaRouter,
  hono,
  trpc,
]
