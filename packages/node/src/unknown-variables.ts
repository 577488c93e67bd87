import { findNearestName } from './nearest-name.ts'
import { SETTINGS } from './settings-table.ts'

const PREFIX = 'TOKENTRAIL_'

/** Variables of the collector, the viewer and the tools, which may share an environment with us. */
const OTHERS = /^TOKENTRAIL_(?:COLLECTOR|VIEWER|EXPORT|OTLP|CHROMIUM|DOCTOR)(?:_|$)/

/**
 * Finds variables that look like settings and are none: a misspelt one would silently leave a
 * default in force.
 *
 * @returns One sentence for each, with the known name that is nearest.
 */
export function findUnknownVariables(
  env: Readonly<Record<string, string | undefined>>,
): readonly string[] {
  const known = SETTINGS.flatMap(({ variables }) => variables).filter((name) =>
    name.startsWith(PREFIX),
  )
  return Object.keys(env)
    .filter((name) => name.startsWith(PREFIX) && !known.includes(name) && !OTHERS.test(name))
    .map((name) => `${name} is not a setting. Did you mean ${findNearestName(name, known)}?`)
}
