/** One record as a journal frame keeps it. */
export interface EncodedRecord {
  /** The canonical text (RFC 8785): the evidence; leaf = SHA-256(0x00 ‖ its UTF-8 bytes). */
  readonly text: string
  /** The whole OTLP/JSON LogRecord as it goes on the wire; its body is {@link text}, escaped. */
  readonly json: string
  /**
   * Where the escaped text stands in {@link json}: offsets in **bytes of its UTF-8 form**, start
   * inclusive, end exclusive, without the quotes. What comes before the text is always ASCII; where
   * the whole of it is, they are string offsets too. `JSON.parse('"' + slice + '"')` gives
   * {@link text} back.
   */
  readonly textStart: number
  readonly textEnd: number
}
