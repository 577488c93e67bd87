import { isEqualBytes } from './bytes.ts'
import { LedgerError } from './errors.ts'
import { COSIGNATURE_TYPE, parseVerifierKey, type VerifierKey } from './key.ts'

/** A log of a policy. */
export interface PolicyLog {
  readonly key: VerifierKey
  readonly url?: string
}

/** A witness of a policy. */
export interface PolicyWitness {
  /** Name within the policy. */
  readonly name: string
  readonly key: VerifierKey
  /** Prefix of its `add-checkpoint`. */
  readonly url?: string
}

/** Witnesses and groups of which some must have cosigned. */
export interface PolicyGroup {
  readonly name: string
  /** How many members are enough. */
  readonly threshold: number
  /** Names of witnesses and groups. */
  readonly members: readonly string[]
}

/** Which witnesses must have cosigned a checkpoint (C2SP tlog-policy). */
export interface TlogPolicy {
  readonly logs: readonly PolicyLog[]
  readonly witnesses: readonly PolicyWitness[]
  readonly groups: readonly PolicyGroup[]
  /** Name of a witness or group; `undefined` when no witness is needed. */
  readonly quorum: string | undefined
}

interface Draft {
  readonly logs: PolicyLog[]
  readonly witnesses: PolicyWitness[]
  readonly groups: PolicyGroup[]
  quorum?: string
}

/**
 * Parses a C2SP tlog-policy: one `log <vkey> [<url>]`, `witness <name> <vkey> [<url>]`, `group
 * <name> <k|any|all> <member>…` or `quorum <name|none>` a line; blank lines and lines that begin
 * with `#` are passed over. A group names only what stands before it, a name is a member of one
 * group at most, and there is exactly one quorum.
 *
 * @throws {@link LedgerError} `ERR_LEDGER_ENCODING_INVALID` with the number of the line;
 *   `ERR_LEDGER_KEY_MALFORMED`
 */
export function parseTlogPolicy(text: string): TlogPolicy {
  const draft: Draft = { logs: [], witnesses: [], groups: [] }
  for (const [at, line] of text.split('\n').entries()) {
    const words = line.trim().split(/[ \t]+/)
    if (words[0] === '' || words[0]?.startsWith('#') === true) continue
    const problem = readLine(draft, words)
    if (problem !== undefined) throw malformed(`line ${at + 1}: ${problem}`)
  }
  const { logs, witnesses, groups, quorum } = draft
  if (quorum === undefined) throw malformed('it has no quorum')
  return { logs, witnesses, groups, quorum: quorum === 'none' ? undefined : quorum }
}

/**
 * Tells whether a policy's quorum is met.
 *
 * @param cosigned - Tells of a witness, by its name in the policy, whether it has cosigned.
 */
export function isQuorumMet(policy: TlogPolicy, cosigned: (name: string) => boolean): boolean {
  const groups = new Map(policy.groups.map((group) => [group.name, group]))
  const isMet = (name: string): boolean => {
    const group = groups.get(name)
    if (group === undefined) return cosigned(name)
    return group.members.filter(isMet).length >= group.threshold
  }
  return policy.quorum === undefined || isMet(policy.quorum)
}

function readLine(draft: Draft, [keyword, ...words]: readonly string[]): string | undefined {
  switch (keyword) {
    case 'log':
      return readLog(draft, words)
    case 'witness':
      return readWitness(draft, words)
    case 'group':
      return readGroup(draft, words)
    case 'quorum':
      return readQuorum(draft, words)
    case undefined:
    default:
      return 'it begins with no known word'
  }
}

function readLog({ logs }: Draft, [key, url, ...rest]: readonly string[]): string | undefined {
  if (key === undefined || rest.length > 0) return 'log needs a key, and a URL at most'
  logs.push({ key: parseVerifierKey(key), ...(url !== undefined && { url }) })
  return undefined
}

function readWitness(draft: Draft, words: readonly string[]): string | undefined {
  const [name, key, url, ...rest] = words
  if (name === undefined || key === undefined || rest.length > 0) {
    return 'witness needs a name and a key, and a URL at most'
  }
  if (isTaken(draft, name)) return 'its name is taken'
  const parsed = parseVerifierKey(key)
  if (parsed.type !== COSIGNATURE_TYPE) return 'the key of a witness must be of type 0x04'
  // Its cosignature does not name the cosigner, so under a second name it would count again.
  if (draft.witnesses.some(({ key }) => isEqualBytes(key.publicKey, parsed.publicKey))) {
    return 'its key is that of another witness'
  }
  draft.witnesses.push({ name, key: parsed, ...(url !== undefined && { url }) })
  return undefined
}

function readGroup(draft: Draft, [name, count, ...members]: readonly string[]): string | undefined {
  if (name === undefined || count === undefined || members.length === 0) {
    return 'group needs a name, a number and members'
  }
  if (isTaken(draft, name)) return 'its name is taken'
  if (new Set(members).size !== members.length) return 'a member stands there twice'
  for (const member of members) {
    if (!isKnown(draft, member)) return 'a member is not defined before it'
    if (draft.groups.some((group) => group.members.includes(member))) {
      return 'a member belongs to another group'
    }
  }
  const threshold = toThreshold(count, members.length)
  if (threshold === undefined)
    return 'its number must be any, all, or from 1 to that of its members'
  draft.groups.push({ name, threshold, members })
  return undefined
}

function readQuorum(draft: Draft, [name, ...rest]: readonly string[]): string | undefined {
  if (name === undefined || rest.length > 0) return 'quorum needs one name'
  if (draft.quorum !== undefined) return 'there is a quorum already'
  if (name !== 'none' && !isKnown(draft, name)) return 'the quorum is not defined before it'
  draft.quorum = name
  return undefined
}

function toThreshold(count: string, members: number): number | undefined {
  if (count === 'any') return 1
  if (count === 'all') return members
  const number = /^[1-9][0-9]{0,3}$/.test(count) ? Number(count) : 0
  return number >= 1 && number <= members ? number : undefined
}

function isTaken(draft: Draft, name: string): boolean {
  return name === 'none' || isKnown(draft, name)
}

function isKnown({ witnesses, groups }: Draft, name: string): boolean {
  return [...witnesses, ...groups].some((one) => one.name === name)
}

function malformed(what: string): LedgerError {
  return new LedgerError('ERR_LEDGER_ENCODING_INVALID', `tlog-policy: ${what}`)
}
