import { guard } from '../../../guard.js'

export const GET = guard(() => {
  throw new Error('broken')
})
