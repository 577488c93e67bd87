import { basename } from 'node:path'
import { readNamedFile } from '../named-file.ts'
import type { KeySetPaths } from './key-set.ts'

/** Name and place of the Secret. */
export interface SecretNames {
  readonly name: string
  readonly namespace: string | undefined
}

const HEAD = `# One Secret for the workloads of a deployment. It holds secrets: apply it, then delete the file.
# Mount into each workload only what it needs (volumes[].secret.items):
#   services         pseudonym.jwk.json (TOKENTRAIL_PSEUDONYM_KEY_FILE); where there is no registry
#                    also instance.jwk.json (TOKENTRAIL_SIGNING_KEY_FILE)
#   registry         registry.jwk.json, instance.jwk.json, root.jwk.json
#   viewer           pseudonym.jwk.json, root.jwk.json
# The root's private key and the erasure key are not in here: keep them outside of the cluster.
`

/**
 * Formats the key set as a Kubernetes Secret (YAML). Values are JSON texts in single quotes, which
 * hold none themselves.
 */
export function formatSecret(paths: KeySetPaths, { name, namespace }: SecretNames): string {
  const files = [paths.root, paths.registry, paths.instance, paths.pseudonym]
  const data = files.map(
    (file) =>
      `  ${basename(file)}: '${readNamedFile('the key file', file, 'ERR_CLI_INPUT').trim()}'`,
  )
  const place = namespace === undefined ? '' : `  namespace: ${namespace}\n`
  return `${HEAD}apiVersion: v1
kind: Secret
metadata:
  name: ${name}
${place}  labels:
    app.kubernetes.io/part-of: tokentrail
type: Opaque
stringData:
${data.join('\n')}
`
}
