// Builds dist/: the same bytes from the same sources, wherever it runs.
//   node build.mjs            write dist
//   node build.mjs --check    fail when dist is not what the sources give
//
// embed.js is what a page loads. Parts are what is loaded when a reader first needs it: a module
// each, handed what it uses of embed.js, so that nothing is shipped twice.

import {createHash} from 'node:crypto'
import {brotliCompressSync, constants, gzipSync} from 'node:zlib'
import {build, transform} from 'esbuild'
import {mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync} from 'node:fs'
import {basename, dirname, join} from 'node:path'
import {fileURLToPath, pathToFileURL} from 'node:url'
import {minify} from 'terser'

const HERE = dirname(fileURLToPath(import.meta.url))
/** The most that each script may weigh, brotli 11. A part that is not named here is not built. */
export const BUDGETS = {
  'embed.js': 10_000,
  'parts/write.js': 6_000,
  'parts/challenge.js': 700,
  'parts/menu.js': 1_530,
  'parts/live.js': 2_120,
  'parts/passages.js': 2_380,
  'parts/own.js': 1_350,
  'parts/baked.js': 700,
  'parts/counts.js': 400,
  'parts/elsewhere.js': 600,
  'parts/keys.js': 400,
  'parts/queue.js': 400,
  'parts/plain.js': 400,
  'parts/sign.js': 2_000,
}

// Imports point down; within a layer they may point sideways. What stands in parts/ has its own
// house: it imports only what stands there as well.
const LAYERS = [
  ['index'],
  ['element'],
  ['thread', 'comment', 'votes'],
  ['api', 'avatar', 'explain', 'field', 'html', 'look', 'options', 'part', 'reader', 'remember', 'store', 'time'],
  ['dom', 'ink', 'tree', 'messages', 'script', 'styles', 'en'],
]

/** Style sheets as text, minified like the rest. */
const styles = {
  name: 'styles',
  setup: ({onLoad}) =>
    onLoad({filter: /\.css$/}, async ({path}) => {
      const source = readFileSync(path, 'utf8')
      const {code} = await transform(source, {loader: 'css', minify: true})
      // Spaces that the bundler leaves within values.
      return {contents: code.trim().replace(/(--[\w-]+:|,) /g, '$1'), loader: 'text'}
    }),
}

/** Of the English sentences those that no part brings. */
const words = {
  name: 'words',
  setup: ({onLoad}) =>
    onLoad({filter: /en\.json$/}, () => ({contents: JSON.stringify(english()), loader: 'json'})),
}

const SHARED = {
  absWorkingDir: HERE,
  bundle: true,
  target: 'es2022',
  charset: 'utf8',
  minify: true,
  sourcemap: 'external',
  metafile: true,
  write: false,
  legalComments: 'none',
  // Names that stand only between our own modules: in no answer of the service, no DOM.
  mangleProps: /^(wrong|depth|above|places|base|upper|control|prepare|configure|answered|isOpen|isFolded|isNew|canEdit|opened|shown|drawn|below|trustedHtml|randomKey|explain|recall|remember|drawing|settle|writer|restart|fresh|amend|counted|paint|emit|controls|editLabel|minutesLeft|service|shell|away|press|fold|box|hint|row|view|isStale|adopt|take|place|field|tell|secret)$/,
  plugins: [styles, words],
  // The type checker's settings are not the bundle's.
  tsconfigRaw: {},
}

/** The built files, their path in dist to their bytes. */
export async function bundle() {
  const files = new Map()
  const build = createHash('sha256')
  const short = {}
  const languages = readdirSync(join(HERE, 'src/messages')).map((name) => basename(name, '.json')).sort()
  const script = (/** @type {string} */ name) => compile('embed.js', short, {
    entryPoints: ['src/index.js'],
    format: 'iife',
    define: {
      // In the address of each part, so that a script and its parts are always of one build.
      BUILD: JSON.stringify(name),
      LANGUAGES: JSON.stringify(languages.join(' ')),
    },
  })
  // Before its parts: the short names are those that suit the script, whatever a part says how often.
  await script('')
  for (const path of Object.keys(BUDGETS).filter((path) => path.startsWith('parts/')).sort()) {
    const name = basename(path, '.js')
    const part = await compile(path, short, {format: 'esm', define: {WORDS: JSON.stringify(english(name))}})
    add(files, path, part)
    build.update(files.get(path))
  }
  for (const language of languages.filter((name) => name !== 'en')) {
    const path = `messages/${language}.json`
    const words = JSON.parse(readFileSync(join(HERE, 'src', path), 'utf8'))
    files.set(path, Buffer.from(JSON.stringify(words)))
  }
  // Any of its digits tell one build from another.
  const digest = build.digest('hex')
  const names = Array.from({length: 52}, (_, at) => digest.slice(at, at + 12))
  // To `choose`, the languages are alike in any order.
  const orders = languages.map((_, at) => [...languages.slice(at), ...languages.slice(0, at)].join(' '))
  const {code, map} = await script(names[0])
  add(files, 'embed.js', {code: smallest(code, names, orders), map})
  return files
}

/** Sentences that are older than the part that says them: owners may have put theirs in their place. */
const TAKEN_OVER = {edit: 'own', edit_left: 'own', remove: 'own', undo: 'own'}

/** English sentences: those of a part begin with its name, all others are the script's. @param {string} [part] */
function english(part) {
  const speaker = (key) => TAKEN_OVER[key] ?? key.split('_')[0]
  const isScript = (key) => !(`parts/${speaker(key)}.js` in BUDGETS)
  const all = Object.entries(JSON.parse(readFileSync(join(HERE, 'src/messages/en.json'), 'utf8')))
  return Object.fromEntries(all.filter(([key]) => (part ? speaker(key) === part : isScript(key))))
}

/** The service says beside a script where its map is, so that no reader is sent a line about it. */
function add(files, path, {code, map}) {
  files.set(path, Buffer.from(code))
  files.set(`${path}.map`, Buffer.from(map))
}

/**
 * The script with what can be said in several ways as it packs best: brotli's choices differ by some
 * thirty bytes, as if by chance.
 * @param {string} code says the first of each
 * @param {string[]} names @param {string[]} orders
 */
function smallest(code, names, orders) {
  return names
    .map((name, n) => code.replace(names[0], name).replace(orders[0], orders[n % orders.length]))
    .map((script) => ({script, size: brotliSize(Buffer.from(script))}))
    .reduce((least, one) => (one.size < least.size ? one : least)).script
}

async function compile(path, short, given) {
  const {outputFiles, metafile, mangleCache} = await build({
    ...SHARED,
    entryPoints: [`src/${path}`],
    outfile: `dist/${path}`,
    // The script and its parts say the same short names.
    mangleCache: short,
    ...given,
  })
  Object.assign(short, mangleCache)
  checkLayers(metafile.inputs)
  const [map, script] = outputFiles.sort((one, other) => (one.path > other.path ? -1 : 1))
  // A second minifier: a twenty-fifth less than the bundler's own, at one more second.
  return minify(script.text, {
    ecma: 2022,
    module: given.format === 'esm',
    compress: {passes: 1},
    sourceMap: {content: map.text, filename: basename(path)},
    // To V8: compile all of it while it comes, beside the main thread, and not each function there when
    // it is first called (v8.dev/blog/explicit-compile-hints). Others read a comment.
    ...(path === 'embed.js' && {format: {preamble: '//# allFunctionsCalledOnLoad'}}),
  })
}

/** Fails on an import that points up. @param {Record<string, {imports: {path: string}[]}>} inputs */
export function checkLayers(inputs) {
  const layer = (path) => {
    if (path.includes('parts/')) return -1
    const name = basename(path).replace(/\.\w+$/, '')
    const found = LAYERS.findIndex((names) => names.includes(name))
    if (found < 0) throw new Error(`${path} has no place in LAYERS (build.mjs)`)
    return found
  }
  for (const [path, {imports}] of Object.entries(inputs)) {
    if (path.startsWith('<define:')) continue
    for (const {path: imported} of imports.filter(({path}) => !path.startsWith('<define:'))) {
      const [from, to] = [layer(path), layer(imported)]
      if (to < from) throw new Error(`${path} imports upwards: ${imported}`)
      if (from < 0 && to >= 0) throw new Error(`${path} would ship ${imported} a second time`)
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
  let isOver = false
  for (const [path, budget] of Object.entries(BUDGETS)) {
    const script = files.get(path)
    const small = brotliSize(script)
    isOver ||= small > budget
    console.log(
      `${path}: ${script.length} B, gzip ${gzipSync(script, {level: 9}).length} B, ` +
        `brotli ${small} B of ${budget} B`,
    )
  }
  if (isOver) throw new Error('the widget is over its budget')
  if (process.argv.includes('--check')) compare(files)
  else write(files)
}

function write(files) {
  rmSync(join(HERE, 'dist'), {recursive: true, force: true})
  for (const [path, contents] of files) {
    mkdirSync(dirname(join(HERE, 'dist', path)), {recursive: true})
    writeFileSync(join(HERE, 'dist', path), contents)
  }
}

function compare(files) {
  const built = readdirSync(join(HERE, 'dist'), {recursive: true, withFileTypes: true})
  const differs =
    built.filter((entry) => entry.isFile()).length !== files.size ||
    [...files].some(([path, contents]) => !contents.equals(read(join(HERE, 'dist', path))))
  if (differs) throw new Error('dist is not what the sources give: run "make widget" and commit it')
}

function read(path) {
  try {
    return readFileSync(path)
  } catch {
    return Buffer.alloc(0)
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  main().catch((error) => {
    console.error(`widget: ${error.message}`)
    process.exitCode = 1
  })
}
