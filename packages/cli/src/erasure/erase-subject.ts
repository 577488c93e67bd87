import {
  eraseFromExport,
  eraseFromJournal,
  pseudonymOfIdentity,
  type ErasedIdentities,
} from '@tokentrail/exporter'
import { eraseFromStore } from '@tokentrail/viewer'
import { deleteFromCluster, type SearchCluster } from './elasticsearch.ts'
import { RelatedIdentityFinder, type RelatedIdentities } from './related-identities.ts'
import { readHeldTexts, type HoldingStore } from './stores.ts'
import type { Subject } from './subject.ts'

/** What is to be done. */
export interface EraseOptions {
  readonly subject: Subject
  readonly stores: readonly HoldingStore[]
  /** Exports may be written anew. */
  readonly rewrite: boolean
  /** Identities that others use too are erased as well. */
  readonly shared: boolean
  readonly dryRun: boolean
  readonly cluster?: SearchCluster
}

/** What was, or would be, erased in one place. */
export interface ErasedPlace {
  readonly place: string
  readonly identities: number
  readonly how: string
}

/** Something that was not erased, and why. */
export interface KeptPlace {
  readonly place: string
  readonly reason: string
}

/** The outcome of an erasure. */
export interface Erased {
  /** Kinds and pseudonyms that were erased, wherever they stood. */
  readonly kinds: readonly string[]
  readonly pseudonyms: readonly string[]
  readonly places: readonly ErasedPlace[]
  readonly kept: readonly KeptPlace[]
  /** Identities that stay because others use them too. */
  readonly sharedKept: number
}

/** Erases a subject's identities: those that are its own, in every store that was named. */
export async function eraseSubject(options: EraseOptions): Promise<Erased> {
  const { subject, stores, shared, dryRun, cluster } = options
  const places: ErasedPlace[] = []
  const kept: KeptPlace[] = []
  const { related, subjectKinds } = await findRelated(stores, subject, kept)
  const extra = [...related.own.values()].flat()
  const pseudonyms = [...subject.pseudonyms, ...extra, ...(shared ? related.shared : [])]
  const identities = { pseudonyms: new Set(pseudonyms), values: subject.values }
  for (const store of stores) {
    try {
      await eraseFrom(store, identities, options, { places, kept })
    } catch (error) {
      kept.push({ place: store.path, reason: describeFault(error) })
    }
  }
  if (cluster !== undefined && !dryRun) await eraseFromCluster(cluster, pseudonyms, places, kept)
  const kinds = new Set([...subjectKinds, ...listKinds(related, shared)])
  return {
    kinds: [...kinds],
    pseudonyms,
    places,
    kept,
    sharedKept: shared ? 0 : related.shared.length,
  }
}

function listKinds({ own, shared }: RelatedIdentities, withShared: boolean): readonly string[] {
  const all = withShared && shared.length > 0
  return [...own].filter(([, pseudonyms]) => all || pseudonyms.length > 0).map(([kind]) => kind)
}

async function findRelated(
  stores: readonly HoldingStore[],
  { pseudonyms }: Subject,
  kept: KeptPlace[],
): Promise<Found> {
  const finder = new RelatedIdentityFinder(pseudonyms)
  const subjectKinds = new Set<string>()
  const unreadable = new Set<string>()
  for (const store of stores) {
    for await (const { kind, text } of readHeldTexts(store, (file) => unreadable.add(file))) {
      if (kind === 'record') tryAdd(finder, text)
      else if (pseudonyms.includes(pseudonymOfIdentity(text) ?? '')) subjectKinds.add(kindOf(text))
    }
  }
  for (const place of unreadable) kept.push({ place, reason: 'parts of it cannot be read' })
  if (subjectKinds.size === 0) subjectKinds.add('sub')
  return { related: finder.result(), subjectKinds }
}

/** What is known of a subject before it is erased. */
interface Found {
  readonly related: RelatedIdentities
  /** Kinds of what was named: who names a pseudonym may mean an address. */
  readonly subjectKinds: ReadonlySet<string>
}

function kindOf(identity: string): string {
  const { attributes } = JSON.parse(identity) as {
    readonly attributes: Readonly<Record<string, unknown>>
  }
  const kind = attributes['tokentrail.identity.kind']
  return typeof kind === 'string' ? kind : 'sub'
}

/** A text that was altered is the verifier's business; it names nobody here. */
function tryAdd(finder: RelatedIdentityFinder, text: string): void {
  try {
    finder.add(text)
  } catch {
    return
  }
}

interface Outcome {
  readonly places: ErasedPlace[]
  readonly kept: KeptPlace[]
}

async function eraseFrom(
  { kind, path }: HoldingStore,
  identities: ErasedIdentities,
  { dryRun, rewrite }: EraseOptions,
  { places, kept }: Outcome,
): Promise<void> {
  if (kind === 'viewer') {
    const { identities: count, isClean } = eraseFromStore(path, identities.pseudonyms, { dryRun })
    places.push({ place: path, identities: count, how: 'deleted' })
    if (!isClean) {
      kept.push({
        place: `${path}-wal`,
        reason: 'old pages stay until its readers end; close the viewer, or erase again',
      })
    }
    return
  }
  const readOnly = kind === 'export' && !rewrite
  const { files, residue } =
    kind === 'journal'
      ? eraseFromJournal(path, identities, { dryRun })
      : await eraseFromExport([path], identities, { dryRun: dryRun || readOnly })
  for (const { file, identities: count, blankedBytes, how } of files) {
    if (readOnly && !dryRun) {
      kept.push({ place: file, reason: `${count} identity records; add --rewrite to delete them` })
    } else {
      const blanked = blankedBytes > 0 ? `, ${blankedBytes} torn bytes blanked` : ''
      places.push({ place: file, identities: count, how: `${how}${blanked}` })
    }
  }
  kept.push(...residue.map(({ file, reason }) => ({ place: file, reason })))
}

async function eraseFromCluster(
  cluster: SearchCluster,
  pseudonyms: readonly string[],
  places: ErasedPlace[],
  kept: KeptPlace[],
): Promise<void> {
  const place = `Elasticsearch ${cluster.index}`
  try {
    const identities = await deleteFromCluster(cluster, pseudonyms)
    places.push({ place, identities, how: 'deleted by query' })
  } catch (error) {
    kept.push({ place, reason: describeFault(error) })
  }
}

function describeFault(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
