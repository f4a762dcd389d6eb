// @ts-check
// What the widget says. The sentences live in messages/*.json, where an owner can read them: English
// in the script, each other language in a file that is loaded by those who read it.

import {base} from './script.js'
import english from './messages/en.json' with {type: 'json'}

/** The language of the sentences, so that of dates and numbers too. */
export let LOCALE = 'en'

/** @typedef {Record<string, string | Record<string, string>>} Messages */
/** @type {Messages} */
const messages = {...english}
/** @type {Promise<void> | undefined} */
let spoken

/**
 * Learns the page's language, once for all its threads; English where it cannot.
 * @param {string[]} wanted languages, the best first, as BCP 47 names them
 */
export function speak(wanted) {
  const language = choose(wanted, LANGUAGES.split(' '))
  return (spoken ??= language === 'en' ? Promise.resolve() : load())

  async function load() {
    try {
      const answer = await fetch(`${base}messages/${language}.json`, {credentials: 'omit'})
      // What a language lacks is said in English.
      Object.assign(messages, await answer.json())
      LOCALE = language
    } catch {}
  }
}

/**
 * The first language wanted that there is: as it is written, else in the same script, so that
 * readers in Hong Kong are given what is written in Taiwan.
 * @param {string[]} wanted @param {string[]} known
 */
export function choose(wanted, known) {
  for (const language of wanted) {
    const found = known.find((name) => name.toLowerCase() === language.toLowerCase()) ??
      known.find((name) => written(name) === written(language))
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

/** Puts an owner's own sentences over ours; answers whether that changed anything. @param {Messages} [texts] */
export function reword(texts) {
  const before = JSON.stringify(messages)
  Object.assign(messages, texts)
  return JSON.stringify(messages) !== before
}

/**
 * The sentence of a key; '' for a key that has none.
 * @param {string} key
 * @param {Record<string, any>} [values]
 */
export function t(key, values = {}) {
  // An own property only: old scripts add to Object.prototype, and keys come from the server.
  const message = Object.hasOwn(messages, key) ? messages[key] : ''
  const sentence = typeof message === 'string' ? message
    : message[new Intl.PluralRules(LOCALE).select(values.n)] ?? message.other
  return sentence.replace(/\{(\w+)\}/g, (_, name) => values[name].toLocaleString(LOCALE))
}
