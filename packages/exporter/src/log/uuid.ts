/**
 * Builds a uuid of version 7 (RFC 9562 §5.7): sorts by the time it was made.
 *
 * @param unixMillis - Milliseconds since 1970 UTC.
 * @param random - Ten random bytes.
 */
export function buildUuidV7(unixMillis: number, random: Uint8Array): string {
  const bytes = Buffer.alloc(16)
  bytes.writeUIntBE(unixMillis, 0, 6)
  bytes.set(random.subarray(0, 10), 6)
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x70
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
