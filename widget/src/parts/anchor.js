// @ts-check
// Words of a page, named so that they can be found again after the page has changed: the
// TextQuoteSelector of the W3C Web Annotation Data Model (4.2.4).

/** @typedef {{exact: string, prefix: string, suffix: string}} Selector */
/** Characters that stand in one node as they do in the text, from one place on. @typedef {{start: number, length: number, node: Text, from: number}} Run */
/** A page's words on one line, and where they stand. @typedef {{text: string, runs: Run[]}} Words */
/** A part of a text. @typedef {{start: number, end: number}} Place */

/** Characters before and behind that tell two places with the same words apart. */
const AROUND = 32
/** Which share of the words may have changed. */
const CHANGED = 0.25
/** The most that is searched for words that have changed: its cost is the product of both. */
const SEARCHED = 60_000
const COMPARED = 300
/** After so many characters or places a search can be left for later. */
const STEP = 256

/**
 * The words that a reader sees in an element, white space folded.
 * @param {Element} element @param {Element} [without] an element that does not count
 * @returns {Words}
 */
export function textOf(element, without) {
  const walker = document.createTreeWalker(element, 5 /* SHOW_ELEMENT | SHOW_TEXT */, (node) =>
    node === without || /^(script|style|noscript|template)$/i.test(node.nodeName)
      ? 2 /* FILTER_REJECT */ : 1 /* FILTER_ACCEPT */)
  let text = ''
  // Not looked up in the text, which would be put together anew each time.
  let endsInSpace = true
  /** @type {Run[]} */
  const runs = []
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (!(node instanceof Text)) {
      // Paragraphs are apart, whether or not there is white space between their tags.
      if (!endsInSpace && !/^(inline|none|contents)/.test(getComputedStyle(/** @type {Element} */ (node)).display)) {
        text += ' '
        endsInSpace = true
      }
      continue
    }
    for (const {0: found, index: from} of node.data.matchAll(/\S+(?:\s\S+)*\s?|\s+/g)) {
      const words = found.replace(/^\s+$|\s/g, ' ')
      if (words === ' ' && endsInSpace) continue
      runs.push({start: text.length, length: words.length, node, from})
      text += words
      endsInSpace = words.endsWith(' ')
    }
  }
  return {text, runs}
}

/**
 * What names a range of these words; undefined where none of them is in it.
 * @param {Words} words @param {Range} range
 * @returns {Selector | undefined}
 */
export function selectorOf({text, runs}, range) {
  let start = -1
  let end = 0
  for (const {node, from, start: at, length} of runs) {
    if (!range.intersectsNode(node)) continue
    for (let n = 0; n < length; n++) {
      // From the first to the last that is no space.
      if (text[at + n] === ' ' || range.comparePoint(node, from + n) < 0 || range.comparePoint(node, from + n + 1) > 0) continue
      if (start < 0) start = at + n
      end = at + n + 1
    }
  }
  if (start < 0) return
  return {
    exact: text.slice(start, end),
    prefix: text.slice(0, start).slice(-AROUND),
    suffix: text.slice(end, end + AROUND),
  }
}

/** Where a part of the words is in the page. @param {Words} words @param {Place} place */
export function rangeOf({runs}, {start, end}) {
  const range = new Range()
  const [first, last] = [start, end - 1].map((n) =>
    /** @type {Run} */ (runs.findLast((run) => run.start <= n)))
  range.setStart(first.node, first.from + start - first.start)
  // The space between two paragraphs stands in none of them.
  range.setEnd(last.node, Math.min(last.from + end - last.start, last.node.length))
  return range
}

/**
 * Where the words stand now, also when some of them have changed; undefined when they are gone. The
 * search goes on each time that it is asked to: it may take longer than a page can stand still.
 * @param {string} text @param {Selector} selector
 * @returns {Generator<undefined, Place | undefined>}
 */
export function* find(text, {exact, prefix, suffix}) {
  /** @type {Place & {score: number} | undefined} */
  let best
  let n = 0
  for (let start = text.indexOf(exact); exact && start >= 0; start = text.indexOf(exact, start + 1)) {
    const end = start + exact.length
    const score = alike(text.slice(0, start).trim(), prefix.trim(), -1) + alike(text.slice(end).trim(), suffix.trim(), 1)
    if (score > (best?.score ?? -1)) best = {start, end, score}
    if (++n % STEP === 0) yield
  }
  if (best) return best
  // Others, whose words have not changed, come first.
  yield
  return yield* approximate(text.slice(0, SEARCHED), exact.slice(0, COMPARED))
}

/** How many characters agree, from the end or from the beginning. @param {string} one @param {string} other @param {1 | -1} way */
function alike(one, other, way) {
  let n = 0
  const at = (/** @type {string} */ words) => words.at(way > 0 ? n : ~n)
  while (n < other.length && at(one) === at(other)) n++
  return n
}

/**
 * The part of a text that is most like a pattern, by the least number of characters that are put in,
 * left out or changed (P. H. Sellers, "The theory and computation of evolutionary distances", 1980).
 * Of the beginnings of the pattern those are left out that are too far from whatever ends here (E.
 * Ukkonen, "Finding approximate patterns in strings", 1985).
 * @param {string} text @param {string} pattern
 * @returns {Generator<undefined, Place | undefined>}
 */
function* approximate(text, pattern) {
  const most = Math.floor(pattern.length * CHANGED)
  // For each length of the pattern's beginning: its distance from what ends here, and where that began.
  // (Libraries of long ago have an `Array.from` of their own, which leaves out the second argument.)
  const costs = [...Array(pattern.length + 1).keys()]
  const starts = costs.map(() => 0)
  /** The longest beginning that is near enough. */
  let longest = most
  /** @type {Place & {cost: number} | undefined} */
  let found
  for (let n = 0; n < text.length; n++) {
    let [cost, start] = [0, n]
    starts[0] = n + 1
    for (let m = 1; m <= Math.min(longest + 1, pattern.length); m++) {
      const changed = cost + Number(pattern[m - 1] !== text[n])
      const left = costs[m] + 1
      const put = costs[m - 1] + 1
      const least = Math.min(changed, left, put)
      const began = least === changed ? start : least === left ? starts[m] : starts[m - 1]
      ;[cost, start] = [costs[m], starts[m]]
      costs[m] = least
      starts[m] = began
    }
    if (costs[longest + 1] <= most) longest++
    while (costs[longest] > most) longest--
    if (longest === pattern.length && costs[longest] < (found?.cost ?? longest)) {
      found = {start: starts[longest], end: n + 1, cost: costs[longest]}
    }
    if (n % STEP === 0) yield
  }
  return found
}
