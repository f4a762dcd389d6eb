// @ts-check
import {LOCALE} from './messages.js'

/** Made once a language: each takes longer than all else that a comment needs. */
const made = () => ({
  locale: LOCALE,
  words: new Intl.RelativeTimeFormat(LOCALE, {numeric: 'auto'}),
  dates: new Intl.DateTimeFormat(LOCALE, {dateStyle: 'full', timeStyle: 'short'}),
})
/** @type {ReturnType<typeof made>} */
let formats

/** How many of each unit make the next. @type {[Intl.RelativeTimeFormatUnit, number][]} */
const UNITS = [
  ['minute', 60],
  ['hour', 24],
  ['day', 30.44],
  ['month', 12],
  ['year', Infinity],
]

/**
 * How long ago, in words, and when: "3 days ago", "Monday, 1 June ...". A clock that runs behind the
 * server's says "this minute".
 * @param {Date} then
 * @param {number} now
 * @returns {[string, string]}
 */
export function when(then, now) {
  if (formats?.locale !== LOCALE) formats = made()
  let passed = Math.max(0, now - +then) / 60_000
  for (const [unit, size] of UNITS) {
    // Rounded before it is compared: 59.7 minutes are an hour, not 60 minutes.
    const rounded = Math.round(passed)
    if (rounded < size) return [formats.words.format(-rounded, unit), formats.dates.format(then)]
    passed /= size
  }
  return ['', '']
}
