import { guard } from '../../../../guard.js'

export const GET = guard(({ params, subject }) => Response.json({ id: params.id, subject }))
