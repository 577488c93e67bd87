/** Where the sibling of one step stands, and which leaves it sums up. */
export interface PathSibling {
  /** On which side of ours. */
  readonly side: 'left' | 'right'
  /** First leaf beneath it. */
  readonly from: number
  /** Last leaf beneath it. */
  readonly to: number
}

/** One step from a leaf to the root (RFC 9162 §2.1.3.2). */
export interface InclusionStep extends PathSibling {
  /** Hash from the path, hex. */
  readonly sibling: string
  /** Hash of both, hex. */
  readonly parent: string
}

/** What came of recomputing a proof. */
export interface InclusionCheck {
  readonly leaf: string
  readonly steps: readonly InclusionStep[]
  readonly root: string
}

/** SHA-256 of bytes. */
export type Sha256 = (bytes: Uint8Array<ArrayBuffer>) => Promise<Uint8Array>

/**
 * Recomputes the leaf from the canonical text and climbs the path. Comparing the result with the
 * signed root is the caller's. Returns `null` when the path does not fit the index and size.
 */
export async function climbPath(
  text: string,
  proof: { readonly index: number; readonly treeSize: number; readonly path: readonly string[] },
  sha256: Sha256,
): Promise<InclusionCheck | null> {
  const siblings = buildSiblings(proof.index, proof.treeSize)
  if (siblings === null || siblings.length !== proof.path.length) return null
  const leaf = await sha256(join(0, new TextEncoder().encode(text)))
  const steps: InclusionStep[] = []
  let node = leaf
  for (const [level, place] of siblings.entries()) {
    const sibling = decodeHex(proof.path[level] ?? '')
    if (sibling === null) return null
    node = await sha256(place.side === 'left' ? join(1, sibling, node) : join(1, node, sibling))
    steps.push({ ...place, sibling: encodeHex(sibling), parent: encodeHex(node) })
  }
  return { leaf: encodeHex(leaf), steps, root: encodeHex(node) }
}

/**
 * Where the siblings of a path stand, from the leaf up. `null` when there is no such leaf. Indexes
 * may pass 2^32, so no bit operators.
 */
export function buildSiblings(index: number, treeSize: number): PathSibling[] | null {
  if (!Number.isSafeInteger(index) || index < 0 || index >= treeSize) return null
  const siblings: PathSibling[] = []
  let place = index
  let last = treeSize - 1
  let width = 1
  while (last > 0) {
    const sibling = place % 2 === 1 ? place - 1 : place + 1
    if (sibling <= last) {
      const to = Math.min(treeSize, (sibling + 1) * width) - 1
      siblings.push({ side: sibling < place ? 'left' : 'right', from: sibling * width, to })
    }
    place = Math.floor(place / 2)
    last = Math.floor(last / 2)
    width *= 2
  }
  return siblings
}

/** Root hash in a signed note (third line, base64), as hex; `null` when the note is not one. */
export function readNoteRoot(note: string): string | null {
  const line = note.split('\n')[2] ?? ''
  if (!/^[A-Za-z0-9+/]{43}=$/.test(line)) return null
  return encodeHex(Uint8Array.from(atob(line), (char) => char.charCodeAt(0)))
}

function join(prefix: number, ...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(1 + parts.reduce((sum, part) => sum + part.length, 0))
  bytes[0] = prefix
  let offset = 1
  for (const part of parts) {
    bytes.set(part, offset)
    offset += part.length
  }
  return bytes
}

function encodeHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

function decodeHex(hex: string): Uint8Array | null {
  if (!/^(?:[0-9a-f]{2}){32}$/.test(hex)) return null
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
}
