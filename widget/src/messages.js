// @ts-check
// What the widget says. The sentences live in messages/*.json, where an owner can read them.

import english from './messages/en.json' with {type: 'json'}

/** The language of the sentences, so that of dates and numbers too. */
export const LOCALE = 'en'

const plural = new Intl.PluralRules(LOCALE)
/** @type {Record<string, string | Record<string, string>>} */
const messages = english

/**
 * The sentence of a key; '' for a key that has none.
 * @param {string} key
 * @param {Record<string, any>} [values]
 */
export function t(key, values = {}) {
  // An own property only: old scripts add to Object.prototype, and keys come from the server.
  const message = Object.hasOwn(messages, key) ? messages[key] : ''
  const sentence =
    typeof message === 'string' ? message : message[plural.select(values.n)] ?? message.other
  return sentence.replace(/\{(\w+)\}/g, (_, name) => values[name].toLocaleString(LOCALE))
}
