// @ts-check
// Words of a page, named so that they can be found again after the page has changed: the
// TextQuoteSelector of the W3C Web Annotation Data Model (4.2.4).

/** @typedef {{exact: string, prefix: string, suffix: string}} Selector */
/** A page's words on one line, and where each of its characters stands. @typedef {{text: string, at: [Text, number][]}} Words */

/** Characters before and behind that tell two places with the same words apart. */
const AROUND = 32
/** Which share of the words may have changed. */
const CHANGED = 0.25
/** The most that is searched for words that have changed: its cost is the product of both. */
const SEARCHED = 60_000
const COMPARED = 300

/**
 * The words that a reader sees in an element, white space folded.
 * @param {Element} element @param {Element} [without] an element that does not count
 * @returns {Words}
 */
export function textOf(element, without) {
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT, (node) =>
    node === without || /^(script|style|noscript|template)$/i.test(node.nodeName)
      ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT)
  let text = ''
  /** @type {[Text, number][]} */
  const at = []
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (!(node instanceof Text)) {
      // Paragraphs are apart, whether or not there is white space between their tags.
      if (text && !text.endsWith(' ') && !/^(inline|none|contents)/.test(getComputedStyle(/** @type {Element} */ (node)).display)) {
        text += ' '
        at.push(at[at.length - 1])
      }
      continue
    }
    for (let n = 0; n < node.data.length; n++) {
      const sign = /\s/.test(node.data[n]) ? ' ' : node.data[n]
      if (sign === ' ' && (!text || text.endsWith(' '))) continue
      text += sign
      at.push([node, n])
    }
  }
  return {text, at}
}

/**
 * What names a range of these words; undefined where none of them is in it.
 * @param {Words} words @param {Range} range
 * @returns {Selector | undefined}
 */
export function selectorOf({text, at}, range) {
  const isIn = (/** @type {[Text, number]} */ [node, n]) => range.comparePoint(node, n) === 0 &&
    !(range.endContainer === node && range.endOffset === n)
  let start = at.findIndex(isIn)
  if (start < 0) return
  let end = start
  while (end < at.length && isIn(at[end])) end++
  while (text[start] === ' ') start++
  while (text[end - 1] === ' ') end--
  if (end <= start) return
  return {
    exact: text.slice(start, end),
    prefix: text.slice(Math.max(0, start - AROUND), start),
    suffix: text.slice(end, end + AROUND),
  }
}

/**
 * Where the words stand now, also when some of them have changed; undefined when they are gone.
 * @param {Words} words @param {Selector} selector
 */
export function anchor({text, at}, selector) {
  const place = find(text, selector)
  if (!place) return
  const range = document.createRange()
  const [first, last] = [at[place.start], at[place.end - 1]]
  range.setStart(...first)
  range.setEnd(last[0], last[1] + 1)
  return range
}

/**
 * @param {string} text @param {Selector} selector
 * @returns {{start: number, end: number} | undefined}
 */
export function find(text, {exact, prefix, suffix}) {
  /** @type {{start: number, end: number, score: number} | undefined} */
  let best
  for (let start = text.indexOf(exact); exact && start >= 0; start = text.indexOf(exact, start + 1)) {
    const end = start + exact.length
    const score = alike(text.slice(0, start).trimEnd(), prefix.trimEnd(), -1) +
      alike(text.slice(end).trimStart(), suffix.trimStart(), 1)
    if (!best || score > best.score) best = {start, end, score}
  }
  return best ?? approximate(text.slice(0, SEARCHED), exact.slice(0, COMPARED))
}

/** How many characters agree, from the end or from the beginning. @param {string} one @param {string} other @param {1 | -1} way */
function alike(one, other, way) {
  let n = 0
  while (n < other.length && one.at(way > 0 ? n : -1 - n) === other.at(way > 0 ? n : -1 - n)) n++
  return n
}

/**
 * The part of a text that is most like a pattern, by the least number of characters that are put in,
 * left out or changed (P. H. Sellers, "The theory and computation of evolutionary distances", 1980).
 * @param {string} text @param {string} pattern
 */
function approximate(text, pattern) {
  const most = Math.floor(pattern.length * CHANGED)
  if (!most) return
  // For each length of the pattern's beginning: its distance from what ends here, and where that began.
  let costs = Array.from({length: pattern.length + 1}, (_, n) => n)
  let starts = costs.map(() => 0)
  let found = {start: 0, end: 0, cost: most + 1}
  for (let n = 0; n < text.length; n++) {
    const nextCosts = [0]
    const nextStarts = [n + 1]
    for (let m = 1; m <= pattern.length; m++) {
      const changed = costs[m - 1] + Number(pattern[m - 1] !== text[n])
      const left = costs[m] + 1
      const put = nextCosts[m - 1] + 1
      const least = Math.min(changed, left, put)
      nextCosts[m] = least
      nextStarts[m] = least === changed ? starts[m - 1] : least === left ? starts[m] : nextStarts[m - 1]
    }
    costs = nextCosts
    starts = nextStarts
    if (costs[pattern.length] < found.cost) {
      found = {start: starts[pattern.length], end: n + 1, cost: costs[pattern.length]}
    }
  }
  return found.cost <= most && found.end > found.start ? found : undefined
}
