const webpack = require('webpack')

const configuration = {
  context: __dirname,
  mode: 'production',
  target: 'node22.15',
  entry: './plain.mjs',
  output: { path: `${__dirname}/dist`, filename: 'webpack-plain.cjs' },
}
webpack(configuration, (error, stats) => {
  if (error || stats.hasErrors()) throw error ?? new Error(stats.toString())
})
