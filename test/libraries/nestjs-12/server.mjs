import 'reflect-metadata'
import {
  Body,
  Controller,
  ForbiddenException,
  Get,
  Module,
  Param,
  Post,
  Req,
  UnauthorizedException,
  UseGuards,
} from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { announce, authorize } from '../authorize.mjs'

/** Decorates a method and its parameters, as TypeScript's emit does. */
const decorate = (type, name, decorators, parameters) => {
  parameters.forEach((decorator, index) => decorator(type.prototype, name, index))
  const descriptor = Object.getOwnPropertyDescriptor(type.prototype, name)
  for (const decorator of decorators) decorator(type.prototype, name, descriptor)
}

class OrdersGuard {
  async canActivate(context) {
    const http = context.switchToHttp()
    const { challenge, status, subject } = await authorize(http.getRequest().headers.authorization)
    if (status === undefined) {
      http.getRequest().subject = subject
      return true
    }
    http.getResponse().header('WWW-Authenticate', challenge)
    throw status === 401 ? new UnauthorizedException() : new ForbiddenException()
  }
}

class OrdersController {
  find(id, { subject }) {
    return { id, subject }
  }

  create(order, { subject }) {
    return { ...order, subject }
  }

  broken() {
    throw new Error('broken')
  }

  open() {
    return 'open'
  }
}
decorate(
  OrdersController,
  'find',
  [Get(['v1/orders/:id', 'v1/tenants/:tenant/orders/:id']), UseGuards(OrdersGuard)],
  [Param('id'), Req()],
)
decorate(OrdersController, 'create', [Post('v1/orders'), UseGuards(OrdersGuard)], [Body(), Req()])
decorate(OrdersController, 'broken', [Get('v1/broken'), UseGuards(OrdersGuard)], [])
decorate(OrdersController, 'open', [Get('open')], [])
Controller()(OrdersController)

class OrdersModule {}
Module({ controllers: [OrdersController], providers: [OrdersGuard] })(OrdersModule)

const { FIXTURE_PLATFORM } = process.env
const adapter =
  FIXTURE_PLATFORM === 'fastify'
    ? new (await import('@nestjs/platform-fastify')).FastifyAdapter()
    : new (await import('@nestjs/platform-express')).ExpressAdapter()
const app = await NestFactory.create(OrdersModule, adapter, { logger: false })
await app.listen(0, '127.0.0.1')
announce(app.getHttpServer().address().port)
