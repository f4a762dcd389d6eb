// @ts-check
import {t} from './messages.js'

/** How many of each unit make the next. */
const UNITS = {minute: 60, hour: 24, day: 30.44, month: 12, year: Infinity}

/**
 * How long ago, in words of our own: the browser's take it longer to find than a comment to draw. A
 * clock that runs behind the server's says "this minute".
 * @param {Date} then
 * @param {number} now
 */
export function ago(then, now) {
  let passed = Math.max(0, now - +then) / 60_000
  for (const [unit, size] of Object.entries(UNITS)) {
    // Rounded before it is compared: 59.7 minutes are an hour, not 60 minutes.
    const n = Math.round(passed)
    // "Yesterday", not "1 day ago".
    if (n < size) return t(`${unit}_${n}`) || t(unit, {n})
    passed /= size
  }
  return ''
}
