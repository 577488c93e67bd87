import { X509Certificate } from 'node:crypto'
import type { VerifyOptions } from '@tokentrail/ledger'
import { verifyTimestamp } from '@tokentrail/viewer'
import { valueOf, valuesOf, type Flags } from './args.ts'
import { CliError } from './errors.ts'
import { readNamedFile } from './named-file.ts'
import { readPolicyFile } from './registry/registry-file.ts'

/** Flags that say what speaks for the logs from outside. */
export const ANCHOR_FLAGS: readonly string[] = ['registry', 'policy', 'checkpoint', 'authority']

/** Reads what may speak for the logs of an export from outside. */
export function readAnchorOptions(
  flags: Flags,
): Pick<VerifyOptions, 'policy' | 'checkpoints' | 'verifyTimestamp'> {
  const policy = valueOf(flags, 'policy')
  const checkpoints = valuesOf(flags, 'checkpoint').map((file) =>
    readNamedFile('--checkpoint', file),
  )
  const trusted = valuesOf(flags, 'authority').flatMap(readCertificates)
  return {
    ...(policy !== undefined && { policy: readPolicyFile('--policy', policy) }),
    ...(checkpoints.length > 0 && { checkpoints }),
    ...(trusted.length > 0 && {
      verifyTimestamp: (response: Uint8Array, text: string) =>
        verifyTimestamp(response, text, trusted),
    }),
  }
}

const PEM = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g

function readCertificates(file: string): readonly X509Certificate[] {
  const found = readNamedFile('--authority', file).match(PEM) ?? []
  try {
    if (found.length > 0) return found.map((pem) => new X509Certificate(pem))
  } catch {
    // As good as no certificate.
  }
  throw new CliError('ERR_CLI_USAGE', `--authority ${file} holds no certificate (PEM)`)
}
