import { jose } from './jose.ts'
import { jsonwebtoken } from './jsonwebtoken.ts'
import type { LibraryDefinition } from './library.ts'
import { oauth4webapi } from './oauth4webapi.ts'

/** Every library that is hooked, in the order in which states are listed. */
export const LIBRARIES: readonly LibraryDefinition[] = [jose, jsonwebtoken, oauth4webapi]
