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
CSS.highlights?.set('afterword', /** @type {Highlight} */ (marks))
const sheet = new CSSStyleSheet()
sheet.replaceSync(look)
document.adoptedStyleSheets.push(sheet)
/** The threads of the page that take comments on words, and each one's article. @type {Map<Element, Element>} */
const articles = new Map()

/** A search, and what it has found when it is done: where in the text, and in the page. @typedef {{steps: ReturnType<typeof find>, done?: boolean, value?: import('./anchor.js').Place, range?: Range}} Search */

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
  /** What was searched for, by comment, and where: as long as the page says the same it is not searched again. @type {Map<string, Search>} */
  const searches = new Map()
  let text = ''
  /** @type {boolean | undefined} */
  let isStale
  /** @type {number | undefined} */
  let due
  const offer = button('offer', t('passages_offer'), take, {popover: 'manual'})
  adopt(css)
  articles.set(host, article)
  signal.addEventListener('abort', () => {
    articles.delete(host)
    unmark()
  })
  /** @type {number | undefined} */
  let later
  // Without popovers (Safari before 17), it would stand there always.
  if (/** @type {Partial<HTMLElement>} */ (offer).showPopover) {
    // First: what Tab comes to on its way takes the selection away.
    root.prepend(offer)
    document.addEventListener('selectionchange', () => {
      clearTimeout(later)
      later = setTimeout(propose, 250)
    }, {signal})
    // It stays with its words, whatever scrolls.
    document.addEventListener('scroll', propose, {signal, capture: true})
    propose()
  }
  document.addEventListener('click', press, {signal})
  // The thread draws comments anew when it has to.
  new MutationObserver(lead).observe(root, {childList: true, subtree: true})
  return mark

  /** Lets what is quoted lead to its words, by keys too, as long as they are in the page. */
  function lead() {
    for (const quoted of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll('.passage'))) {
      const place = searches.get(/** @type {Element} */ (quoted.closest('.comment')).id.slice('comment-'.length))?.range
      // A click has no key.
      const go = (/** @type {{key?: string}} */ {key}) => {
        // Who has selected words of it has clicked as well.
        if (!place || (key ? key !== 'Enter' : String(getSelection()))) return
        place.startContainer.parentElement?.scrollIntoView({block: 'center'})
        // From the words the next key goes on, and who reads by ear.
        quoted.blur()
        getSelection()?.collapse(place.startContainer, place.startOffset)
      }
      Object.assign(quoted, {role: place && 'link', tabIndex: place ? 0 : -1, onclick: go, onkeydown: go})
    }
  }

  /** The selection, where it is words of the article. */
  function selected() {
    const selection = getSelection()
    const {length} = String(selection).trim()
    if (!selection || length < LEAST || length > MOST) return
    const range = selection.getRangeAt(0)
    if (isNearest(range) && !range.intersectsNode(host)) return range
  }

  /** Whether it is words of our article, and no thread of theirs is nearer: the first behind them, else the last. @param {Range} range */
  function isNearest({commonAncestorContainer: words, endContainer: end}) {
    const able = [...articles.keys()]
      .filter((other) => articles.get(other)?.contains(words))
      .sort((one, other) => 2 - follows(one, other))
    return host === (able.find((other) => follows(end, other)) ?? able.at(-1))
  }

  function propose() {
    // What is closed keeps its marks, and takes no more.
    const range = page()?.is_open && selected()
    if (!range) return offer.hidePopover()
    const {left, right, bottom} = range.getBoundingClientRect()
    const isLeftwards = getComputedStyle(/** @type {Element} */ (range.startContainer.parentElement)).direction === 'rtl'
    // Where the page is zoomed by its styles, a pixel of ours is so many of the window's.
    const zoom = host.currentCSSZoom ?? 1
    // In the top layer: no transform and no overflow of the page's moves or cuts it.
    const start = isLeftwards ? `calc(100% - max(${right / zoom}px, 200px)) auto auto` : `auto auto min(${left / zoom}px, 100% - 200px)`
    offer.style.inset = `min(${bottom / zoom + 8}px, 100% - 48px) ${start}`
    offer.showPopover()
  }

  function take() {
    const range = selected()
    const selector = range && selectorOf(textOf(article, host), range)
    offer.hidePopover()
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
      if (search.value) isStale = true
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
    if (!quoting.length && !searches.size) return
    const words = textOf(article, host)
    unmark()
    if (text !== words.text) searches.clear()
    text = words.text
    for (const {id, selector} of quoting) {
      /** @type {Search} */
      const search = searches.get(id) ?? {steps: find(text, /** @type {import('./anchor.js').Selector} */ (selector))}
      searches.set(id, search)
      if (search.value) marks.add((search.range = rangeOf(words, search.value)))
    }
    lead()
  }

  function unmark() {
    for (const search of searches.values()) {
      if (search.range) marks.delete(search.range)
      search.range = undefined
    }
  }

  /** A click on marked words goes to the comment about them. @param {MouseEvent} event */
  function press({clientX, clientY, target}) {
    if (!(target instanceof Element) || !getSelection()?.isCollapsed || target.closest('a, button, input')) return
    for (const [id, {range}] of searches) {
      // What lies above them has the same coordinates.
      const isHit = range?.intersectsNode(target) && [...range.getClientRects()].some(({left, right, top, bottom}) =>
        clientX >= left && clientX <= right && clientY >= top && clientY <= bottom)
      if (isHit) return go(id)
    }
  }
}

/** @param {Node} one @param {Node} other */
function follows(one, other) {
  return one.compareDocumentPosition(other) & 4 // DOCUMENT_POSITION_FOLLOWING
}
