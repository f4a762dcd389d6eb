// @ts-check
// What the widget says. The sentences live in messages/*.json, where an owner can read them: English
// in the script, each other language in a file that is loaded by those who read it.

import {base} from './script.js'
import english from './messages/en.json' with {type: 'json'}

/** The language of the sentences, so that of dates and numbers too. */
export let LOCALE = 'en'
// Made once: it takes longer than a sentence.
let plural = new Intl.PluralRules(LOCALE)

/** @typedef {Record<string, string | Record<string, string>>} Messages */
// Without a prototype: old scripts add to Object.prototype, and keys come from the server.
/** @type {Messages} */
const messages = Object.assign(Object.create(null), english)
/** An owner's own sentences. @type {Messages | undefined} */
export let reworded
/** @type {Promise<void> | undefined} */
let spoken

/**
 * Learns the page's language, once for all its threads, else the browser's; English where it cannot.
 * @param {(string | null | undefined)[]} named languages of the page, the best first, as BCP 47 names them
 */
export function speak(named) {
  const language = choose([...named, ...navigator.languages], LANGUAGES.split(' '))
  return (spoken ??= language === 'en' ? Promise.resolve() : load())

  async function load() {
    try {
      const answer = await fetch(`${base}messages/${language}.json`, {credentials: 'omit'})
      // What a language lacks is said in English.
      Object.assign(messages, await answer.json())
      LOCALE = language
      plural = new Intl.PluralRules(LOCALE)
    } catch {}
  }
}

/**
 * The first language wanted that there is: as it is written, else in the same script, so that
 * readers in Hong Kong are given what is written in Taiwan.
 * @param {(string | null | undefined)[]} wanted @param {string[]} known
 */
export function choose(wanted, known) {
  for (const language of wanted) {
    const found = language && (known.find((name) => name.toLowerCase() === language.toLowerCase()) ??
      known.find((name) => written(name) === written(language)))
    if (found) return found
  }
  return 'en'
}

/** The language and the script that a tag means. @param {string} tag */
function written(tag) {
  try {
    const {language, script} = new Intl.Locale(tag.replace(/^n[on]\b/, 'nb')).maximize()
    return language + script
  } catch {
    // No language at all, such as "en_US".
    return tag
  }
}

/** Takes over sentences that are not known yet, as a part brings them. @param {Messages} [words] */
export function learn(words) {
  Object.assign(messages, {...words, ...messages})
}

/** Puts an owner's own sentences over ours, once. @param {Messages} [texts] */
export function reword(texts) {
  if (!reworded && texts) Object.assign(messages, (reworded = texts))
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
  return n < 0 || n > 999 || /^(ar|fa)/.test(LOCALE) ? n.toLocaleString(LOCALE) : `${n}`
}
