// @ts-check
// What the widget says. The sentences live in messages/*.json, where an owner can read them: English
// in the script, each other language in a file that is loaded by those who read it.

import {base} from './script.js'
import english from './messages/en.json' with {type: 'json'}

/** How long sentences are waited for, in ms. */
const PATIENCE = 5000
/** The language of the sentences, so that of dates and numbers too. */
export let LOCALE = 'en'
// Made once: it takes longer than a sentence.
let plural = new Intl.PluralRules(LOCALE)

/** @typedef {Record<string, string | Record<string, string>>} Messages */
/** What is said where a language lacks it: our own English, with that of the parts. @type {Messages} */
const known = {...english}
/** Those of the language that is spoken, where it is not English. @type {Messages | undefined} */
let foreign
/** An owner's own sentences. @type {Messages | undefined} */
export let reworded
/** @type {Messages} */
let messages
/** The language that was asked for last. */
let asked = 'en'
/** @type {Promise<void> | undefined} */
let spoken
mix()

/**
 * Learns a language for all threads of the page; English where it cannot.
 * @param {string} language
 */
export function speak(language) {
  return language === asked ? spoken : (spoken = load((asked = language)))
}

/** @param {string} language */
async function load(language) {
  /** @type {Messages | undefined} */
  let words
  try {
    // Without them the thread is there in English, soon.
    const init = /** @type {RequestInit} */ ({credentials: 'omit', signal: AbortSignal.timeout(PATIENCE)})
    if (language !== 'en') words = await (await fetch(`${base}messages/${language}.json`, init)).json()
  } catch {}
  // A router was faster, and has gone on to a page in another one.
  if (language !== asked) return spoken
  // The next thread that is shown tries again.
  if (!words) asked = 'en'
  foreign = words
  LOCALE = words ? language : 'en'
  plural = new Intl.PluralRules(LOCALE)
  mix()
}

/** Puts each over what it is to be said instead of. */
function mix() {
  // Without a prototype: old scripts add to Object.prototype, and keys come from the server.
  messages = Object.assign(Object.create(null), known, foreign, reworded)
}

/**
 * The first language wanted that there is: as it is written, else the same language elsewhere.
 * Chinese goes by its script, so that readers in Hong Kong are given what is written in Taiwan. Asked
 * for scripts, a browser would know all this, and take as long as for twenty comments.
 * @param {(string | null | undefined)[]} wanted as BCP 47 names them @param {string[]} [known]
 */
export function choose(wanted, known = LANGUAGES.split(' ')) {
  for (const language of wanted) {
    const tag = `${language}`.toLowerCase()
      .replace(/^n[on]\b/, 'nb')
      .replace(/^zh\b.*/, (tag) => (/hant|h-(tw|hk|mo)/.test(tag) ? 'zh-tw' : 'zh-cn'))
    const found = known.find((name) => name.toLowerCase() === tag) ?? known.find((name) => name === tag.split(/[-_]/)[0])
    if (found) return found
  }
  return 'en'
}

/** Takes over the English sentences that a part brings. @param {Messages} [words] */
export function learn(words) {
  Object.assign(known, words)
  mix()
}

/** Puts an owner's own sentences over ours, once. @param {Messages} [texts] */
export function reword(texts) {
  reworded ??= texts
  mix()
}

/**
 * The sentence of a key; '' for a key that has none.
 * @param {string} key
 * @param {Record<string, any>} [values]
 */
export function t(key, values = {}) {
  const message = messages[key] ?? ''
  const sentence = typeof message === 'string' ? message
    : message[plural.select(values.n)] ?? message.other
  return sentence.replace(/\{(\w+)\}/g, (_, name) => (name === 'n' ? counted(values.n) : values[name]))
}

/** A number as the language writes it; asked only where it may write it otherwise, for it takes long. @param {number} n */
function counted(n) {
  // Without its sign, what is below zero is a large number.
  return n >>> 0 > 999 || /^(ar|fa)/.test(LOCALE) ? n.toLocaleString(LOCALE) : `${n}`
}
