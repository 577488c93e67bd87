import { SETTINGS } from './settings-table.ts'

/** Formats every setting as a Markdown table, for the READMEs. */
export function formatSettingsTable(): string {
  const rows = SETTINGS.map(({ name, variables, default: value, what }) => {
    const variable = variables.map((each) => `\`${each}\``).join(', else ')
    const shown = /[` ]/.test(value) || value === 'none' ? value : `\`${value}\``
    return `| ${variable} | \`${name}\` | ${shown} | ${what} |`
  })
  return ['| variable | in code | default | what it does |', '| --- | --- | --- | --- |', ...rows]
    .map((row) => `${row}\n`)
    .join('')
}
