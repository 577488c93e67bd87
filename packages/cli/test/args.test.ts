import { describe, expect, it } from 'vitest'
import { guessName, parseCommandArgs, valueOf, valuesOf } from '../src/args.ts'
import { CliError } from '../src/errors.ts'

const names = { booleans: ['json', 'help'], values: ['root', 'token', 'limit'] }
const parse = (...args: string[]) => parseCommandArgs(args, names)

/** The message of the usage error that a command line leads to. */
function refusal(...args: string[]): string {
  try {
    parse(...args)
  } catch (error) {
    if (error instanceof CliError && error.code === 'ERR_CLI_USAGE') return error.message
    throw error
  }
  throw new Error('nothing was refused')
}

describe('a command line', () => {
  it('has flags before, between and behind its positionals', () => {
    const { flags, positionals } = parse('a', '--json', 'b', '--root', 'r', 'c')
    expect(positionals).toEqual(['a', 'b', 'c'])
    expect(flags['json']).toBe(true)
    expect(valueOf(flags, 'root')).toBe('r')
  })

  it('takes a value behind a space or an equals sign, also an empty one', () => {
    const { flags } = parse('--root=a=b', '--root', '', '--root=')
    expect(valuesOf(flags, 'root')).toEqual(['a=b', '', ''])
  })

  it('takes "-" and what begins with one dash as a value', () => {
    const { flags, positionals } = parse('--token', '-', '--token', '-x', '-')
    expect(valuesOf(flags, 'token')).toEqual(['-', '-x'])
    expect(positionals).toEqual(['-'])
  })

  it('takes what begins with two dashes only behind an equals sign', () => {
    expect(valueOf(parse('--token=--json').flags, 'token')).toBe('--json')
    expect(refusal('--token', '--json')).toBe('--token needs a value')
    expect(refusal('--token', '--', 'a')).toBe('--token needs a value')
  })

  it('is positional behind "--"', () => {
    expect(parse('--json', '--', '--root', '--nonsense', '-x').positionals).toEqual([
      '--root',
      '--nonsense',
      '-x',
    ])
  })

  it.each([
    [['--rot', 'x'], 'unknown option --rot; did you mean --root?'],
    [['--jsn'], 'unknown option --jsn; did you mean --json?'],
    [['--nonsense'], 'unknown option --nonsense'],
    [['--nonsense=secret'], 'unknown option --nonsense'],
    [['-r', 'x'], 'unknown option -r'],
    [['-rx'], 'unknown option -r'],
    [['--__proto__=x'], 'unknown option --__proto__'],
    [['--constructor'], 'unknown option --constructor'],
    [['--no-json'], 'unknown option --no-json'],
    [['--root'], '--root needs a value'],
    [['--json=yes'], '--json takes no value'],
    [['--json='], '--json takes no value'],
  ])('is refused for %j, by name', (args, message) => {
    expect(refusal(...args)).toBe(message)
  })

  it('may give a flag twice only where that means something', () => {
    const { flags } = parse('--limit', '1', '--limit', '2')
    expect(valuesOf(flags, 'limit')).toEqual(['1', '2'])
    expect(() => valueOf(flags, 'limit')).toThrow('--limit may be given once')
    expect(valueOf(flags, 'root')).toBeUndefined()
    expect(valuesOf(flags, 'root')).toEqual([])
  })
})

describe('a guess at a mistyped name', () => {
  it('is made only when few of its characters are wrong', () => {
    expect(guessName('limt', names.values)).toBe('limit')
    expect(guessName('to', ['token'])).toBeUndefined()
    expect(guessName('n', ['to'])).toBeUndefined()
    expect(guessName('', ['to'])).toBeUndefined()
  })
})
