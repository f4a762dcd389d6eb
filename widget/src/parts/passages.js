// @ts-check
// Comments on words of the page, loaded when somebody selects some or a comment quotes some. The
// page's own elements are not touched: marks are the browser's (CSS Custom Highlight API).

import css from './passages.css'
import look from './marks.css'
import {find, rangeOf, selectorOf, textOf} from './anchor.js'

export const words = WORDS

/** The least and the most that can be commented on, in characters. */
const LEAST = 3
const MOST = 1000
/** How long is searched at a time, in ms, before the browser may do something else. */
const AT_ONCE = 8
const idle = globalThis.requestIdleCallback ?? setTimeout

/** What is marked, by whichever thread of the page. It stays, and how it looks: empty, it is nothing. */
const marks = globalThis.Highlight ? new Highlight() : new Set()
globalThis.CSS?.highlights?.set('afterword', /** @type {Highlight} */ (marks))
const sheet = new CSSStyleSheet()
sheet.replaceSync(look)
document.adoptedStyleSheets.push(sheet)
/** The threads of the page that take comments on words, and each one's article. @type {Map<Element, Element>} */
const articles = new Map()

/** A search, and what it has found when it is done. @typedef {{steps: ReturnType<typeof find>, done?: boolean, value?: import('./anchor.js').Place}} Search */

/**
 * @param {import('../types.js').Kit} kit
 * @param {AbortSignal} signal
 * @param {import('../types.js').Followed} thread
 * @returns {() => void} brings the marks to what the thread knows by now
 */
export function passages({button, t, adopt}, signal, {root, comments, quote, go, passages: page}) {
  const host = /** @type {HTMLElement} */ (/** @type {ShadowRoot} */ (root.getRootNode()).host)
  // Where the words are that are read: around the thread, or before it.
  const article = host.closest('article, main') ?? document.querySelector('article, main') ?? document.body
  /** @type {Map<string, Range>} */
  const places = new Map()
  /** What was searched for, by comment, and where: as long as the page says the same it is not searched again. @type {Map<string, Search>} */
  const searches = new Map()
  let text = ''
  let isStale = false
  let due = 0
  const offer = button('offer', t('passages_offer'), take, {popover: 'manual'})
  adopt(css)
  root.append(offer)
  articles.set(host, article)
  signal.addEventListener('abort', () => {
    articles.delete(host)
    unmark()
  })
  let later = 0
  document.addEventListener('selectionchange', () => {
    clearTimeout(later)
    later = setTimeout(propose, 250)
  }, {signal})
  document.addEventListener('click', press, {signal})
  root.addEventListener('click', ({target}) => {
    const id = target instanceof Element && target.closest('.passage')?.closest('.comment')?.id.slice('comment-'.length)
    if (id) places.get(id)?.startContainer.parentElement?.scrollIntoView({block: 'center'})
  }, {signal})
  propose()
  return mark

  /** The selection, where it is words of the article. */
  function selected() {
    const selection = getSelection()
    if (!selection?.rangeCount) return
    const range = selection.getRangeAt(0)
    const length = selection.toString().trim().length
    const isOurs = isNearest(range) && !range.intersectsNode(host)
    return isOurs && length >= LEAST && length <= MOST ? range : undefined
  }

  /** Whether it is words of our article, and no thread of theirs is nearer: the first behind them, else the last. @param {Range} range */
  function isNearest({commonAncestorContainer: words, endContainer: end}) {
    const able = [...articles.keys()]
      .filter((other) => articles.get(other)?.contains(words))
      .sort((one, other) => (follows(one, other) ? -1 : 1))
    return host === (able.find((other) => follows(end, other)) ?? able.at(-1))
  }

  function propose() {
    // What is closed keeps its marks, and takes no more.
    const range = page()?.is_open && selected()
    if (!range) return offer.hidePopover?.()
    const {left, bottom} = [...range.getClientRects()].at(-1) ?? range.getBoundingClientRect()
    // In the top layer: no transform and no overflow of the page's moves or cuts it.
    offer.style.left = `${Math.max(8, Math.min(left, innerWidth - 200))}px`
    offer.style.top = `${Math.min(bottom + 8, innerHeight - 48)}px`
    offer.showPopover?.()
  }

  function take() {
    const range = selected()
    if (!range) return
    const selector = selectorOf(textOf(article, host), range)
    offer.hidePopover?.()
    if (selector) quote(selector)
  }

  function mark() {
    isStale = true
    due ||= idle(work)
  }

  /** Goes on for a moment: first with what all can see. */
  function work() {
    due = 0
    if (signal.aborted) return
    if (isStale) draw()
    const until = performance.now() + AT_ONCE
    for (const [id, search] of searches) {
      if (search.done) continue
      if (performance.now() > until) return void (due = idle(work))
      Object.assign(search, search.steps.next())
      isStale ||= !!search.value
      // Behind the others, which are not to wait for what takes long.
      searches.delete(id)
      searches.set(id, search)
    }
    if (isStale) mark()
  }

  /** Marks the words of each comment that were found, and has the others searched for. */
  function draw() {
    isStale = false
    const quoting = [...comments.values()].filter(({selector, state}) => selector && state !== 'removed')
    if (!quoting.length && !places.size) return
    const words = textOf(article, host)
    if (words.text !== text) searches.clear()
    text = words.text
    unmark()
    for (const {id, selector} of quoting) {
      /** @type {Search} */
      const search = searches.get(id) ?? {steps: find(text, /** @type {import('./anchor.js').Selector} */ (selector))}
      searches.set(id, search)
      if (!search.value) continue
      const range = rangeOf(words, search.value)
      places.set(id, range)
      marks.add(range)
    }
  }

  function unmark() {
    for (const range of places.values()) marks.delete(range)
    places.clear()
  }

  /** A click on marked words goes to the comment about them. @param {MouseEvent} event */
  function press({clientX, clientY, target}) {
    if (!getSelection()?.isCollapsed || (target instanceof Element && target.closest('a, button, input'))) return
    for (const [id, range] of places) {
      const isHit = [...range.getClientRects()].some(({left, right, top, bottom}) =>
        clientX >= left && clientX <= right && clientY >= top && clientY <= bottom)
      if (isHit) return go(id)
    }
  }
}

/** @param {Node} one @param {Node} other */
function follows(one, other) {
  return one.compareDocumentPosition(other) & 4 // DOCUMENT_POSITION_FOLLOWING
}
