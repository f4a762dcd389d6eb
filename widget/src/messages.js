// @ts-check
// What the widget says. The sentences live in messages/*.json, where an owner can read them.

import english from './messages/en.json' with {type: 'json'}

/**
 * A function from a message's key to its sentence; '' for a key that has none.
 * @param {string} locale
 * @param {Record<string, string | Record<string, string>>} messages
 * @returns {import('./types.js').Translate}
 */
export function translator(locale, messages = english) {
  const plural = new Intl.PluralRules(locale)
  return (key, values = {}) => {
    // An own property only: old scripts add to Object.prototype, and keys come from the server.
    const message = Object.hasOwn(messages, key) ? messages[key] : ''
    const sentence =
      typeof message === 'string' ? message : message[plural.select(+values.n)] ?? message.other
    return sentence.replace(/\{(\w+)\}/g, (_, name) => values[name].toLocaleString(locale))
  }
}
