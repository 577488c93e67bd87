/** `npm run build`: dependencies, packages and the viewer's page, as far as they changed. */
import { main, setUp } from './setup.mjs'

await main(async () => {
  await setUp()
  return 0
})
