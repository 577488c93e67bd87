import { guard } from '../../../guard.js'

export async function POST(request, context) {
  const body = await request.json()
  return guard(({ subject }) => Response.json({ ...body, subject }, { status: 201 }))(
    request,
    context,
  )
}
