import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { format, resolveConfig } from 'prettier'
import { BOT_PER_SECOND, USERS_PER_SECOND } from '../flood/compare.ts'
import type { RequestComparison } from '../requests/compare.ts'
import { formatMarkdown } from '../table.ts'
import { aimRows } from './aims.ts'
import { formatChart, type Panel } from './chart.ts'
import type { Measured, Results } from './results.ts'
import {
  deliveryRows,
  diskRows,
  floodRows,
  requestRows,
  verificationRows,
  wireRows,
} from './tables.ts'

const FOLDER = join(import.meta.dirname, '..')
const BEGIN = '<!-- run: begin -->'
const END = '<!-- run: end -->'

/** Puts the results into the README, between its two marks, and draws the plot. */
export async function writeReport(results: Results): Promise<void> {
  if (results.requests !== undefined) {
    await writeFile(join(FOLDER, 'requests.svg'), formatChart(panelsOf(results.requests)))
  }
  const file = join(FOLDER, 'README.md')
  const text = await readFile(file, 'utf8')
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)]
  if (begin === -1 || end < begin) throw new Error(`bench/README.md has no ${BEGIN} and ${END}`)
  const report = `${text.slice(0, begin + BEGIN.length)}\n\n${formatReport(results)}\n\n${text.slice(end)}`
  const style = (await resolveConfig(file)) ?? {}
  await writeFile(file, await format(report, { ...style, filepath: file }))
}

function formatReport(results: Results): string {
  const { delivery, disk, flood, requests, verification } = results
  const sections: string[] = []
  if (requests !== undefined) {
    const { perSecond, requests: count } = requests
    sections.push(
      `### One request`,
      `${describe(requests)} ${count} requests to each server in each round, at ${perSecond} a second. ${describeRounds(requests)}`,
      '![CPU, latency and memory that each server adds to the bare one](requests.svg)',
      formatMarkdown(requestRows(requests)),
    )
  }
  if (delivery !== undefined) {
    const { comparisons, wire } = delivery
    const [first] = comparisons
    sections.push(
      `### Delivery, wire`,
      `${describe(delivery)} ${first?.records ?? 0} records through each pipeline in each round. ${first === undefined ? '' : describeRounds(first)}`,
      formatMarkdown(deliveryRows(comparisons)),
      formatMarkdown(wireRows(wire)),
    )
  }
  if (disk !== undefined) {
    sections.push(
      `### Disk`,
      `${describe(disk)} ${disk.seconds} s in each round, durability "disk", on ${disk.volume}. ${describeRounds(disk)}`,
      formatMarkdown(diskRows(disk)),
    )
  }
  if (verification !== undefined) {
    sections.push(
      `### Verification`,
      `${describe(verification)} An export of ${verification.results[0]?.records ?? 0} records, valid in every round. ${describeRounds(verification)}`,
      formatMarkdown(verificationRows(verification.results)),
    )
  }
  if (flood !== undefined) {
    sections.push(
      `### Flood`,
      `${describe(flood)} ${flood.seconds} s for each server in each round; ${BOT_PER_SECOND} refusals and ${USERS_PER_SECOND} good requests a second. ${describeRounds(flood)}`,
      formatMarkdown(floodRows(flood)),
    )
  }
  return [...sections, '### Aims', formatMarkdown(aimRows(results))].join('\n\n')
}

function describe({ at, cores, load, node }: Measured): string {
  const [before, after] = load.map((value) => value.toFixed(1))
  return `${at.slice(0, 10)}, Node ${node}, ${cores} cores; load ${before} before and ${after} after.`
}

function describeRounds(run: {
  readonly rounds: number
  readonly counted: number
  readonly outside: number
}): string {
  const { counted, outside, rounds } = run
  return `${counted} of ${rounds} rounds count; others used ${(100 * outside).toFixed(0)} % of the machine in them.`
}

const BLUE = '#2563eb'
const GREY = '#94a3b8'

function panelsOf({ results }: RequestComparison): readonly Panel[] {
  const others = results.filter(({ contestant }) => contestant !== 'bare')
  const rows = others.map(({ contestant }) => contestant)
  const all = results.map(({ contestant }) => contestant)
  return [
    {
      title: 'CPU added to one request, µs',
      format: (value) => value.toFixed(0),
      rows,
      series: [
        { name: 'main thread', colour: BLUE, values: others.map(({ main }) => main.added) },
        { name: 'whole process', colour: GREY, values: others.map((each) => each.process.added) },
      ],
    },
    {
      title: 'Latency, ms',
      format: (value) => value.toFixed(2),
      rows: all,
      series: [
        { name: 'p50', colour: BLUE, values: results.map(({ p50 }) => p50.all) },
        { name: 'p99', colour: GREY, values: results.map(({ p99 }) => p99.all) },
      ],
    },
    {
      title: 'Memory added, MiB',
      format: (value) => (value / 1_048_576).toFixed(0),
      rows,
      series: [{ name: 'memory', colour: BLUE, values: others.map(({ memory }) => memory.added) }],
    },
  ]
}
