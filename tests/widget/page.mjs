// What a page and the build say to the widget's modules, for tests of single ones.
import {register} from 'node:module'

// Style sheets are words to the bundle; here nobody sees them.
const load = `export const load = (url, context, next) =>
  url.endsWith('.css') ? {format: 'module', source: 'export default ""', shortCircuit: true} : next(url, context)`
register(`data:text/javascript,${encodeURIComponent(load)}`)

globalThis.document = {currentScript: {src: 'https://comments.example.org/embed.js'}}
globalThis.BUILD = ''
globalThis.LANGUAGES = 'en'
globalThis.WORDS = {}
