import { expect, it } from 'vitest'
import { checkPermissionModel } from '../src/permission-model.ts'

it('finds no fault with a process that may do everything', () => {
  expect(() => checkPermissionModel()).not.toThrow()
})

it('says that a permission model without fsync cannot be recorded in', () => {
  const refuse = (): never => {
    throw Object.assign(new Error('disabled'), { code: 'ERR_ACCESS_DENIED' })
  }
  expect(() => checkPermissionModel(refuse)).toThrow(
    expect.objectContaining({
      code: 'ERR_NODE_PERMISSION_MODEL',
      message: expect.stringContaining('without --permission') as string,
    }),
  )
})
