// The log of one instance that was started, served one request and was stopped, as a recorder
// writes it.
import { generateKeyPairSync, sign } from 'node:crypto'
import {
  buildCheckpointNote,
  buildClosingCheckpointText,
  canonicalize,
  CHECKPOINT_TYPE,
  createCosigner,
  createMerkleTree,
  createNoteSigner,
  encodeCheckpointMembers,
  encodeRoutes,
  hashLeaf,
} from '@tokentrail/ledger'
import { registrationMessage } from '@tokentrail/viewer'

/** An instance before it has a certificate. */
export interface NewInstance {
  readonly origin: string
  readonly request: {
    readonly origin: string
    readonly publicKey: string
    readonly signature: string
  }
  /** Writes the whole log; returns its texts and the closing note. */
  run(certificate: string, from: number, to: number): InstanceLog
}

/** A finished log. */
export interface InstanceLog {
  readonly texts: readonly string[]
  readonly note: string
}

/** @param seconds - When it starts, since 1970. */
export function createInstance(slot: number, seconds: number, serial: number): NewInstance {
  const { privateKey } = generateKeyPairSync('ed25519')
  const { x = '', d = '' } = privateKey.export({ format: 'jwk' })
  const time = (seconds * 1000).toString(16).padStart(12, '0')
  const tail = serial.toString(16).padStart(12, '0')
  const origin = `orders/orders-${slot}/${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${tail}`
  const signature = sign(null, Buffer.from(registrationMessage(origin)), privateKey)
  return {
    origin,
    request: { origin, publicKey: x, signature: signature.toString('base64url') },
    run: (certificate, from, to) =>
      writeLog(origin, Buffer.from(d, 'base64url'), certificate, from, to),
  }
}

function writeLog(
  log: string,
  seed: Uint8Array,
  certificate: string,
  from: number,
  to: number,
): InstanceLog {
  const signer = createNoteSigner(log, seed)
  const cosigner = createCosigner(log, seed)
  const tree = createMerkleTree()
  const hashes: Uint8Array[] = []
  const texts: string[] = []
  const append = (text: string): void => {
    texts.push(text)
    hashes.push(hashLeaf(text))
    tree.append(hashes.at(-1)!)
  }
  const write = (seconds: number, members: object): void =>
    append(
      canonicalize({ v: 1, log, index: texts.length, time: `${seconds}000000000`, ...members }),
    )
  const note = (seconds: number): string =>
    buildCheckpointNote({
      size: texts.length,
      root: tree.root(),
      timestamp: BigInt(seconds),
      signer,
      cosigner,
    })
  write(from, { type: 'tokentrail.log.open', certificate })
  write(from + 1, { type: 'oauth.request', attributes: { 'oauth.decision': 'allow' } })
  const routes = encodeRoutes(hashes.map(() => ['*']))
  const content = { note: note(to), from: 0, leafHashes: hashes, routes }
  write(to, { type: CHECKPOINT_TYPE, ...encodeCheckpointMembers(content) })
  write(to, { type: 'tokentrail.log.close', count: texts.length, reason: 'shutdown' })
  const closing = note(to)
  const leaves = Buffer.concat(hashes.slice(2))
  append(buildClosingCheckpointText({ log, index: 4, from: 2, leaves, note: closing }))
  return { texts, note: closing }
}
