import { Intake, type IntakeShard, type ReadRecords } from './intake.ts'

/**
 * Reads a part of an export as {@link verifyLogs} does, for {@link verifyShards}: hashing, comparing
 * and what is wrong with single records. The rest is about whole logs.
 */
export async function readShard(records: ReadRecords): Promise<IntakeShard> {
  const intake = new Intake({ isShard: true })
  await intake.takeAll(records)
  return intake.toShard()
}
