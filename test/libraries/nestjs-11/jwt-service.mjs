import 'reflect-metadata'
import {
  Controller,
  Get,
  Inject,
  Injectable,
  Module,
  Param,
  Req,
  UnauthorizedException,
  UseGuards,
} from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { JwtModule, JwtService } from '@nestjs/jwt'

const { FIXTURE_AUDIENCE: audience, FIXTURE_ISSUER: issuer, FIXTURE_PUBLIC_KEY } = process.env

/** A guard of its own, over `@nestjs/jwt`. */
class TokenGuard {
  constructor(jwtService) {
    this.jwtService = jwtService
  }

  async canActivate(context) {
    const http = context.switchToHttp()
    const request = http.getRequest()
    const [type, token] = request.headers.authorization?.split(' ') ?? []
    if (type !== 'Bearer') {
      http.getResponse().header('WWW-Authenticate', 'Bearer')
      throw new UnauthorizedException()
    }
    try {
      request.user = await this.jwtService.verifyAsync(token, { audience, issuer })
    } catch {
      throw new UnauthorizedException()
    }
    // `false` is 403.
    return request.user.scope.split(' ').includes('orders:read')
  }
}
Inject(JwtService)(TokenGuard, undefined, 0)
Injectable()(TokenGuard)

class OrdersController {
  find(id, request) {
    return { id, subject: request.user.sub }
  }
}
/** As TypeScript's emit decorates a method and its parameters. */
Param('id')(OrdersController.prototype, 'find', 0)
Req()(OrdersController.prototype, 'find', 1)
const find = Object.getOwnPropertyDescriptor(OrdersController.prototype, 'find')
UseGuards(TokenGuard)(OrdersController.prototype, 'find', find)
Get('v1/orders/:id')(OrdersController.prototype, 'find', find)
Controller()(OrdersController)

class OrdersModule {}
Module({
  imports: [
    JwtModule.register({ publicKey: FIXTURE_PUBLIC_KEY, verifyOptions: { algorithms: ['RS256'] } }),
  ],
  controllers: [OrdersController],
  providers: [TokenGuard],
})(OrdersModule)

const app = await NestFactory.create(OrdersModule, { logger: false })
await app.listen(0, '127.0.0.1')
console.log('served on', app.getHttpServer().address().port)
