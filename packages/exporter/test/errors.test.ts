import { constants } from 'node:os'
import { describe, expect, it } from 'vitest'
import { systemErrorCode } from '../src/errors.ts'

const faultOf = (code: string, errno: number): Error => Object.assign(new Error(), { code, errno })

describe('the code of a system error', () => {
  it('is what Node calls it', () => {
    expect(systemErrorCode(faultOf('ENOSPC', -constants.errno.ENOSPC))).toBe('ENOSPC')
  })

  it.each(['UNKNOWN', `Unknown system error -${constants.errno.EDQUOT}`])(
    'is found by its number where libuv knows no name, as for a used-up quota: %s',
    (code) => {
      expect(systemErrorCode(faultOf(code, -constants.errno.EDQUOT))).toBe('EDQUOT')
    },
  )

  it('stays what it was when nobody has a name for its number', () => {
    expect(systemErrorCode(faultOf('UNKNOWN', -987_654))).toBe('UNKNOWN')
  })

  it('is missing from what is no system error', () => {
    expect(systemErrorCode(new Error('x'))).toBeUndefined()
    expect(systemErrorCode(undefined)).toBeUndefined()
  })
})
