import 'reflect-metadata'
import {
  Catch,
  Controller,
  Get,
  HttpException,
  Injectable,
  Module,
  Param,
  Req,
  UseFilters,
  UseGuards,
} from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { AuthGuard, PassportModule, PassportStrategy } from '@nestjs/passport'
import { ExtractJwt, Strategy } from 'passport-jwt'

const { FIXTURE_AUDIENCE, FIXTURE_ISSUER, FIXTURE_PLATFORM, FIXTURE_PUBLIC_KEY } = process.env

class JwtStrategy extends PassportStrategy(Strategy) {
  constructor() {
    super({
      jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
      secretOrKey: FIXTURE_PUBLIC_KEY,
      algorithms: ['RS256'],
      issuer: FIXTURE_ISSUER,
      audience: FIXTURE_AUDIENCE,
    })
  }

  validate(claims) {
    return { id: claims.sub, scopes: claims.scope.split(' ') }
  }
}
Injectable()(JwtStrategy)

class JwtAuthGuard extends AuthGuard('jwt') {}
Injectable()(JwtAuthGuard)

class ScopesGuard {
  canActivate(context) {
    return context.switchToHttp().getRequest().user.scopes.includes('orders:read')
  }
}
Injectable()(ScopesGuard)

/** Answers as RFC 6750 wants it. */
class ChallengeFilter {
  catch(exception, host) {
    const http = host.switchToHttp()
    const [request, response] = [http.getRequest(), http.getResponse()]
    const status = exception.getStatus()
    const { authorization } = request.headers
    if (status === 401) {
      const challenge = authorization === undefined ? 'Bearer' : 'Bearer error="invalid_token"'
      response.header('WWW-Authenticate', challenge)
    } else if (status === 403) {
      response.header('WWW-Authenticate', 'Bearer error="insufficient_scope", scope="orders:read"')
    }
    response.status(status).send(exception.getResponse())
  }
}
Catch(HttpException)(ChallengeFilter)

class OrdersController {
  find(id, request) {
    return { id, subject: request.user.id }
  }
}
/** As TypeScript's emit decorates a method and its parameters. */
Param('id')(OrdersController.prototype, 'find', 0)
Req()(OrdersController.prototype, 'find', 1)
const find = Object.getOwnPropertyDescriptor(OrdersController.prototype, 'find')
UseGuards(JwtAuthGuard, ScopesGuard)(OrdersController.prototype, 'find', find)
UseFilters(ChallengeFilter)(OrdersController.prototype, 'find', find)
Get('v1/orders/:id')(OrdersController.prototype, 'find', find)
Controller()(OrdersController)

class OrdersModule {}
Module({ imports: [PassportModule], controllers: [OrdersController], providers: [JwtStrategy] })(
  OrdersModule,
)

const adapter =
  FIXTURE_PLATFORM === 'fastify'
    ? new (await import('@nestjs/platform-fastify')).FastifyAdapter()
    : new (await import('@nestjs/platform-express')).ExpressAdapter()
const app = await NestFactory.create(OrdersModule, adapter, { logger: false })
await app.listen(0, '127.0.0.1')
console.log('served on', app.getHttpServer().address().port)
