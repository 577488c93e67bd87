import type { Cursor, Position } from '../journal/cursor.ts'
import type { LogControl } from './control.ts'
import type { Delivery } from './delivery.ts'
import type { Receiver } from './receiver.ts'
import type { Batch, Tail } from './tail.ts'

/** What the delivery of one log needs. */
export interface LogDeliveryPorts {
  readonly tail: Tail
  readonly cursor: Cursor
  readonly control: LogControl
  readonly delivery: Delivery
  readonly receiver: Receiver
  /** Waits until there may be something to send. */
  readonly idle: (control: LogControl) => Promise<void>
  /** Waits a little, so that more records come together in one batch. */
  readonly gather: () => Promise<void>
  /** Told when the cursor has left a segment behind. */
  readonly segmentDone: () => void
}

/**
 * So often a disk that does not give what it should have is asked again, at growing pauses, before
 * that is passed over: a fault may pass, and the cursor never goes back.
 */
const UNREADABLE_ATTEMPTS = 6

/**
 * Delivers one log from its cursor to its end, one batch at a time, in order. Returns when the log
 * is closed and all of it delivered.
 */
export async function deliverLog(ports: LogDeliveryPorts): Promise<void> {
  const { tail, control, delivery } = ports
  let attempts = 0
  for (;;) {
    const isClosed = control.isClosed
    const end = control.committed()
    const batch = end && tail.next(end, isClosed)
    if (batch) {
      attempts = 0
      await deliverNext(ports, end, batch)
      if (!batch.isFull && !isClosed) await ports.gather()
      continue
    }
    // Damage at the end was passed over: there is nothing in it to deliver.
    if (tail.position) advance(ports, tail.position, 0)
    if (isClosed && control.isDelivered()) return
    if (isClosed && end) {
      if (attempts < UNREADABLE_ATTEMPTS) await delivery.pauseBeforeAttempt(attempts++)
      else tail.passUnreadable(end)
      continue
    }
    await ports.idle(control)
    await ports.gather()
  }
}

/** Delivers a batch; what came in while the receiver refused it goes with it. */
async function deliverNext(ports: LogDeliveryPorts, end: Position, next: Batch): Promise<void> {
  const { tail, control, delivery, receiver } = ports
  const acceptedBefore = receiver.accepted
  let batch: Batch | undefined = next
  for (let round = 0; batch; round++) {
    if (await delivery.deliver(batch.frames, round, round === 0 ? Infinity : acceptedBefore)) {
      tail.pass(batch)
      advance(ports, batch.end, batch.frames.length)
      return
    }
    await delivery.pauseBeforeAttempt(round)
    batch = tail.next(control.committed() ?? end, control.isClosed)
  }
}

function advance(ports: LogDeliveryPorts, position: Position, frames: number): void {
  const { cursor, control } = ports
  const before = cursor.position
  const isNew = before?.segment !== position.segment || before.offset !== position.offset
  // On a disk that takes no cursor delivery goes on, but nothing is removed behind it.
  const isKept = !isNew || cursor.advance(position)
  control.deliver(position, frames)
  if (isKept && before && before.segment !== position.segment) ports.segmentDone()
}
