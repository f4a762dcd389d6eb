// @ts-check
import {LOCALE} from './messages.js'

// Made once: each takes longer than all else that a comment needs.
const words = new Intl.RelativeTimeFormat(LOCALE, {numeric: 'auto'})
export const dates = new Intl.DateTimeFormat(LOCALE, {dateStyle: 'full', timeStyle: 'short'})

/** How many of each unit make the next. @type {[Intl.RelativeTimeFormatUnit, number][]} */
const UNITS = [
  ['minute', 60],
  ['hour', 24],
  ['day', 30.44],
  ['month', 12],
  ['year', Infinity],
]

/**
 * How long ago, in words: "3 days ago". A clock that runs behind the server's says "this minute".
 * @param {Date} then
 * @param {number} now
 */
export function ago(then, now) {
  let passed = Math.max(0, now - +then) / 60_000
  for (const [unit, size] of UNITS) {
    // Rounded before it is compared: 59.7 minutes are an hour, not 60 minutes.
    const rounded = Math.round(passed)
    if (rounded < size) return words.format(-rounded, unit)
    passed /= size
  }
}
