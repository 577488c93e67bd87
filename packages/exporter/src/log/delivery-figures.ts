import type { Disk } from '../disk/disk.ts'
import type { LogControl } from '../send/control.ts'
import { DeliveryAge } from './delivery-age.ts'
import { countUndelivered } from './undelivered.ts'

/** A log that is being delivered, and how far. */
export interface LogDelivery {
  readonly directory: string
  readonly control: LogControl
}

/**
 * How much was accepted and delivered, by logs that are forgotten too. Everything is counted when
 * it is asked for.
 *
 * Owner: the thread that records.
 */
export class DeliveryFigures {
  readonly #disk: Disk
  readonly #age: DeliveryAge = new DeliveryAge()
  #pastAccepted = 0
  #pastDelivered = 0

  constructor(disk: Disk) {
    this.#disk = disk
  }

  /** A log is delivered and is not asked about any more. */
  forget(accepted: number, delivered: number): void {
    this.#pastAccepted += accepted
    this.#pastDelivered += delivered
  }

  /** Takes a look at the log that is delivered first, for {@link undeliveredSeconds}. */
  look({ control }: LogDelivery, nowMillis: number): void {
    this.#age.look(control.committed(), control.delivered(), nowMillis)
  }

  /** @param sizes - Numbers of records of the logs that are not forgotten. */
  accepted(sizes: readonly number[]): number {
    return sizes.reduce((sum, size) => sum + size, this.#pastAccepted)
  }

  delivered(deliveries: readonly LogDelivery[]): number {
    const counts = deliveries.map(({ control }) => control.deliveredFrames())
    return counts.reduce((sum, count) => sum + count, this.#pastDelivered)
  }

  /** Bytes; 0 where the disk does not tell. */
  undelivered(deliveries: readonly LogDelivery[]): number {
    try {
      const counts = deliveries.map(({ directory, control }) =>
        countUndelivered(this.#disk, directory, control.committed(), control.delivered()),
      )
      return counts.reduce((sum, count) => sum + count, 0)
    } catch {
      return 0
    }
  }

  /** Age of the oldest record that was not delivered. */
  undeliveredSeconds(nowMillis: number): number {
    return this.#age.seconds(nowMillis)
  }
}
