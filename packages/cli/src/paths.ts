import { CliError } from './errors.ts'

/**
 * Checks paths of an export as they came from the command line.
 *
 * @throws {CliError} `ERR_CLI_USAGE` for an empty one, which is a variable that was not set
 */
export function checkPaths(paths: readonly string[]): readonly string[] {
  if (!paths.includes('')) return paths
  throw new CliError('ERR_CLI_USAGE', 'a path is empty; name a file or folder')
}
