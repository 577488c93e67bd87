import { join } from 'node:path'
import type { RecordDraft } from '@tokentrail/session'
import type { Disk } from '../disk/disk.ts'
import { type JournalDamage, markStated } from '../journal/quarantine.ts'
import { buildJournalDamage } from './recorder-events.ts'

export interface DamageStatementsOptions {
  readonly disk: Disk
  /** Folder of the slot whose logs may be damaged. */
  readonly slotDirectory: string
  readonly now: () => string
  /** Puts a record into the living log. Returns whether it was kept. */
  readonly append: (draft: RecordDraft) => boolean
  /** Flushes the living log. Returns whether it was. */
  readonly flush: () => boolean
}

interface Statement {
  readonly uuid: string
  readonly damage: JournalDamage
}

/**
 * Has the living log say what of the slot's journals is damaged, each place once: in this process
 * by memory, in the next one by a note on disk, which is made when the record is on disk.
 *
 * Owner: the thread that records.
 */
export class DamageStatements {
  readonly #options: DamageStatementsOptions
  readonly #said: Set<string> = new Set()
  #unsettled: Statement[] = []

  constructor(options: DamageStatementsOptions) {
    this.#options = options
  }

  /** Returns whether this is news. What the log could not take is said by the next process. */
  state(uuid: string, damage: JournalDamage): boolean {
    const key = `${uuid}/${damage.segment}/${damage.offset}`
    if (this.#said.has(key)) return false
    this.#said.add(key)
    const { append, now } = this.#options
    if (append(buildJournalDamage(now(), uuid, damage))) this.#unsettled.push({ uuid, damage })
    return true
  }

  /** Notes what was said, once it is on disk: `fdatasync` of the log → `rename` of the copy. */
  settle(): void {
    const { disk, slotDirectory, flush } = this.#options
    if (this.#unsettled.length === 0 || !flush()) return
    for (const { uuid, damage } of this.#unsettled.splice(0)) {
      try {
        markStated(disk, join(slotDirectory, uuid), damage)
      } catch {
        // The next process says it once more.
      }
    }
  }
}
