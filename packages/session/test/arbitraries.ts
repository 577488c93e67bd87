import fc from 'fast-check'
import type { AttributeValue, RecordDraft } from '../src/index.ts'

/** Any string that JavaScript can hold: lone surrogates, controls, quotes, all planes. */
export const anyText: fc.Arbitrary<string> = fc.oneof(
  fc.string({ maxLength: 40 }),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc
    .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 20 })
    .map((units) => String.fromCharCode(...units)),
  fc.constantFrom('', '__proto__', 'constructor', '\ud800', '"\\', '\u2028', '\u0000'),
)

const nanos = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String)

const hex = (length: number): fc.Arbitrary<string> =>
  fc
    .string({
      unit: fc.constantFrom(...Array.from('0123456789abcdef')),
      minLength: length,
      maxLength: length,
    })
    .filter((digits) => /[^0]/.test(digits))

const name = fc
  .array(fc.stringMatching(/^[a-z][a-z0-9]{0,6}$/), { minLength: 1, maxLength: 4 })
  .map((words) => words.join('.'))
  .filter((dotted) => dotted !== 'log.record.uid')

const value: fc.Arbitrary<AttributeValue> = fc.oneof(
  anyText,
  fc.maxSafeInteger(),
  fc.boolean(),
  fc.array(anyText, { maxLength: 5 }),
)

/** Any draft that an encoder must take. */
export const anyDraft: fc.Arbitrary<RecordDraft> = fc.record(
  {
    type: name,
    time: nanos,
    observed: nanos,
    session: anyText.filter((text) => text !== ''),
    trace: hex(32),
    span: hex(16),
    attributes: fc.dictionary(name, value, { maxKeys: 8 }),
    members: fc.dictionary(
      fc.constantFrom('certificate', 'note', 'leaves', 'from'),
      fc.oneof(anyText, fc.maxSafeInteger(), fc.array(fc.array(anyText))),
    ),
  },
  { requiredKeys: ['type', 'time'] },
)
