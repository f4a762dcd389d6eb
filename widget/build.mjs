// Builds dist/embed.js and its map: the same bytes from the same sources, wherever it runs.
//   node build.mjs            write dist
//   node build.mjs --check    fail when dist is not what the sources give

import {brotliCompressSync, constants, gzipSync} from 'node:zlib'
import {build, transform} from 'esbuild'
import {mkdirSync, readFileSync, writeFileSync} from 'node:fs'
import {basename, dirname, join} from 'node:path'
import {fileURLToPath, pathToFileURL} from 'node:url'

const HERE = dirname(fileURLToPath(import.meta.url))
/** The most that the script may weigh, brotli 11. Grows to 10 kB with the features still to come. */
export const BUDGET_BYTES = 10_000

// Imports point down; within a layer they may point sideways.
const LAYERS = [
  ['index'],
  ['element'],
  ['thread', 'comment', 'composer', 'counts', 'own', 'votes'],
  ['api', 'store', 'options', 'remember'],
  ['dom', 'html', 'challenge', 'tree', 'time', 'messages', 'styles', 'en'],
]

/** The style sheet as text, minified like the rest. */
const styles = {
  name: 'styles',
  setup: ({onLoad}) =>
    onLoad({filter: /\.css$/}, async ({path}) => {
      const source = readFileSync(path, 'utf8')
      const {code} = await transform(source, {loader: 'css', minify: true})
      return {contents: code.trim(), loader: 'text'}
    }),
}

/** The built files, name to bytes. */
export async function bundle() {
  const {outputFiles, metafile} = await build({
    absWorkingDir: HERE,
    entryPoints: ['src/index.js'],
    outfile: 'dist/embed.js',
    bundle: true,
    format: 'iife',
    target: 'es2022',
    charset: 'utf8',
    minify: true,
    sourcemap: 'linked',
    metafile: true,
    write: false,
    legalComments: 'none',
    // Names that stand only between our own modules: in no answer of the service, no DOM.
    mangleProps: /^(control|prepare|configure|answered|isOpen|opened|shown)$/,
    plugins: [styles],
    // The type checker's settings are not the bundle's.
    tsconfigRaw: {},
  })
  checkLayers(metafile.inputs)
  return new Map(outputFiles.map(({path, contents}) => [basename(path), contents]))
}

/** Fails on an import that points up. @param {Record<string, {imports: {path: string}[]}>} inputs */
export function checkLayers(inputs) {
  const layer = (path) => {
    const name = basename(path).replace(/\.\w+$/, '')
    const found = LAYERS.findIndex((names) => names.includes(name))
    if (found < 0) throw new Error(`${path} has no place in LAYERS (build.mjs)`)
    return found
  }
  for (const [path, {imports}] of Object.entries(inputs)) {
    for (const {path: imported} of imports) {
      if (layer(imported) < layer(path)) throw new Error(`${path} imports upwards: ${imported}`)
    }
  }
}

/** @param {Uint8Array} script */
export function brotliSize(script) {
  return brotliCompressSync(script, {
    params: {[constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: script.length},
  }).length
}

async function main() {
  const files = await bundle()
  const script = files.get('embed.js')
  const small = brotliSize(script)
  console.log(
    `embed.js: ${script.length} B, gzip ${gzipSync(script, {level: 9}).length} B, ` +
      `brotli ${small} B of ${BUDGET_BYTES} B`,
  )
  if (small > BUDGET_BYTES) throw new Error('the widget is over its budget')
  if (process.argv.includes('--check')) compare(files)
  else {
    mkdirSync(join(HERE, 'dist'), {recursive: true})
    for (const [name, contents] of files) writeFileSync(join(HERE, 'dist', name), contents)
  }
}

function compare(files) {
  for (const [name, contents] of files) {
    if (!readFileSync(join(HERE, 'dist', name)).equals(contents)) {
      throw new Error(`dist/${name} is not what the sources give: run "make widget" and commit it`)
    }
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  main().catch((error) => {
    console.error(`widget: ${error.message}`)
    process.exitCode = 1
  })
}
