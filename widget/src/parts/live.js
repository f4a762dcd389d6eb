// @ts-check
// What happens while somebody reads, loaded when they have read for a moment: a stream of events
// while the page can be seen, or a look from time to time where no stream is to be had.

import css from './live.css'

export const words = WORDS

/** Between two looks without a stream, in ms; longer when the service does not answer. */
const LOOK = 60_000

/** @typedef {import('../types.js').Comment} Comment */

/**
 * Follows what happens on a page, and goes from one new comment to the next.
 * @param {import('../types.js').Kit} kit
 * @param {{base: URL, options: import('../types.js').Options, place: string, signal: AbortSignal}} where
 * @param {import('../types.js').Followed} thread
 * @returns {(comment: Comment) => void} tells the other tabs of this reader
 */
export function follow(kit, {base, options, place, signal}, thread) {
  const {h, button, t, adopt, recall, remember, part} = kit
  const {comments, fresh} = thread
  const {url, page = '', live} = options
  /** Who is signed in, in the browser's storage. */
  const who = `signed:${base.host}`
  /** What came and waits for being asked for, so that nothing moves. @type {Map<string, Comment>} */
  const held = new Map()
  /** Whether a comment is pinned by now, so that what somebody reads stays where it is. @type {Map<string, boolean>} */
  const pins = new Map()
  /** @type {EventSource | undefined} */
  let stream
  let later = 0
  /** Finds the words of the page again that comments are about. @type {(() => void) | undefined} */
  let mark
  let isAsked = false
  /** Whether more has changed than was told of: then the thread is read anew when that is asked for. */
  let isBehind = false
  /** What the service has said last of the page. @type {{count: number, version: number} | undefined} */
  let heard
  adopt(css)
  const news = button('news', '', showNext, {hidden: true})
  // For ears: it is there before there is anything to say.
  const spoken = h('div', {ariaLive: 'polite'})
  thread.root.append(news, spoken)
  // When it was, in the reader's words: only whom points there is told, for a browser's first date
  // takes it as long as ten comments.
  thread.root.onmouseover = ({target}) => {
    if (!(target instanceof HTMLTimeElement)) return
    target.title = new Date(target.dateTime).toLocaleString(thread.root.lang, {dateStyle: 'full', timeStyle: 'short'})
  }
  // Who sorts wants all of it in its place.
  thread.root.addEventListener('change', ({target}) => {
    if (target instanceof HTMLSelectElement) pin()
  }, {signal})
  compare()
  const tabs = 'BroadcastChannel' in globalThis ? new BroadcastChannel(`afterword:${place}`) : undefined
  if (tabs) {
    tabs.onmessage = ({data}) => {
      const before = comments.get(data.id)?.state
      take(data)
      // Where the service tells nothing, nobody else counts it.
      if (!stream && data.state) {
        const {count, version} = thread.counted({})
        thread.counted({version, count: count + Number(data.state === 'visible') - Number(before === 'visible')})
      }
      settled(data)
    }
  }
  // A page that lies in the back-forward cache, or in a tab behind, holds nothing open.
  for (const name of ['pageshow', 'pagehide', 'online']) addEventListener(name, watch, {signal})
  document.addEventListener('visibilitychange', watch, {signal})
  signal.addEventListener('abort', () => {
    rest()
    tabs?.close()
  })
  // Of a moderator's window: something was decided. They stay where they read and write; what they
  // have pinned goes where they wanted it.
  addEventListener('message', ({origin, data}) => {
    if (origin === base.origin && data?.afterword === 'moderated') ask().then(pin, () => {})
  }, {signal})
  addEventListener('storage', ({key}) => key?.endsWith(who) && belong(), {signal})
  // They may have come from another device, or gone while all this was on its way.
  if (recall(who) || recall(`posted:${place}`)) belong()
  const selected = () => getSelection()?.isCollapsed || quote()
  document.addEventListener('selectionchange', selected, {signal})
  selected()
  watch(new Event('begin'))
  return (comment) => {
    tabs?.postMessage(comment)
    // The stream was faster than the answer to the one who wrote it: then it is counted already.
    if (held.has(comment.id) && heard) thread.counted(heard)
    settled(comment)
  }

  /** Marks what is new since the last visit, and keeps what is newest for the next one. */
  function compare() {
    const before = recall(`seen:${place}`)
    const version = recall(`version:${place}`)
    for (const {id, created, text} of comments.values()) {
      if (before && created > before && text == null) fresh.add(id)
    }
    note()
    show()
    if (version && version !== thread.version()) miss(version)
  }

  /** Finds what is new in parts of the thread that are not here. @param {number} since the version of the last visit */
  async function miss(since) {
    // Without `new` too much has changed to be told.
    const {comments: said, new: news} = await thread.get('thread', {since}).catch(() => ({}))
    if (news) arrived(said.filter((/** @type {Comment} */ {id}) => !comments.has(id)), news)
  }

  /** Shows what is the reader's own, who may be another one by now: signed in or out, here or in another tab. */
  function belong() {
    thread.owned().then(({reread}) => reread(), () => {})
  }

  /** Where readers may comment on words of the page, and somebody does. */
  async function quote() {
    if (isAsked || !thread.passages()) return
    isAsked = true
    try {
      const {passages} = await part('passages')
      // What it registers would stay for ever.
      if (signal.aborted) return
      mark = passages(kit, signal, thread)
      mark?.()
    } catch {
      isAsked = false
    }
  }

  /** Only ever goes forward: what is here may be an old part of the thread. What is held back is no part of it. */
  function note() {
    const times = [...comments.values()].map(({created}) => created)
    remember(`seen:${place}`, [recall(`seen:${place}`) ?? '', ...times].sort().at(-1))
    remember(`version:${place}`, thread.version())
  }

  /** Goes to the next comment that is new, showing those that came meanwhile. */
  async function showNext() {
    if (isBehind) {
      isBehind = false
      // What waits may be gone by now. What is there still comes again.
      held.forEach((_, id) => fresh.delete(id))
      held.clear()
      pins.clear()
      // The button goes, and would take the focus along.
      thread.root.querySelector('h2')?.focus()
      await thread.show()
      return compare()
    }
    held.forEach(take)
    held.clear()
    pin()
    const next = [...thread.root.querySelectorAll('.comment')].find(({id}) => fresh.has(id.slice('comment-'.length)))
    // Folded away, or in a part of the thread that is not here, a new one is in no place yet.
    const id = next?.id.slice('comment-'.length) ?? [...fresh][0]
    fresh.delete(id)
    note()
    // Before the button goes, and would take the focus along.
    thread.go(id)
    show()
  }

  /** @param {Event} event */
  function watch({type}) {
    rest()
    if (document.visibilityState === 'visible' && type !== 'pagehide' && live !== 'off' && !signal.aborted) listen()
  }

  function rest() {
    stream?.close()
    stream = undefined
    clearTimeout(later)
  }

  function listen() {
    const query = new URLSearchParams({url, ...(page && {page}), since: `${thread.version()}`})
    const opened = (stream = new EventSource(`${base}api/v1/stream?${query}`))
    on('comment', ({comment}) => arrived([comment]))
    on('update', ({comment}) => arrived([comment], []))
    on('remove', ({id}) => lost([id]))
    on('count', counted)
    opened.onerror = () => {
      // A stream that broke off comes back by itself; one that was refused does not.
      if (opened.readyState !== EventSource.CLOSED || opened !== stream) return
      rest()
      later = setTimeout(look, LOOK)
    }

    /** @param {string} name @param {(said: any) => void} tell */
    function on(name, tell) {
      opened.addEventListener(name, ({data}) => tell(JSON.parse(data)))
    }
  }

  /** Asks what has changed. */
  async function ask() {
    const {comments, gone, page, new: fresh} = await thread.get('thread', {since: thread.version()})
    if (gone) {
      arrived(comments, fresh)
      lost(gone)
    }
    counted({...page, all: !!gone})
  }

  async function look() {
    let next = LOOK
    try {
      await ask()
    } catch {
      next *= 2
    }
    // The page may have been left and come back to meanwhile: then it is told again.
    if (!stream && !signal.aborted && document.visibilityState === 'visible') later = setTimeout(look, next)
  }

  /** @param {Comment[]} said @param {string[]} [news] those that were not shown before; else all */
  function arrived(said, news) {
    for (const comment of said) {
      const {id} = comment
      // What is here changes where it stands.
      if (comments.has(id)) take(comment)
      // What changes of an old one, in a part of the thread that is not here, is seen there.
      else if (held.has(id) || (news?.includes(id) ?? true)) {
        held.set(id, comment)
        fresh.add(id)
      }
    }
    show()
  }

  /** What is here stays in its place. @param {Comment} comment */
  function take({is_pinned, ...comment}) {
    const {id} = comment
    const here = comments.get(id)
    if (here && is_pinned != null) pins.set(id, is_pinned)
    thread.amend(id, here ? comment : {...comment, is_pinned}, true)
  }

  /** Puts what was pinned meanwhile first, and what is not any more back. */
  function pin() {
    for (const [id, is_pinned] of pins) {
      const here = comments.get(id)
      if (here) comments.set(id, {...here, is_pinned})
    }
    pins.clear()
    thread.paint()
  }

  /** One's own comment, which is here now, is no news. @param {Comment} own */
  function settled({id}) {
    fresh.delete(id)
    show()
  }

  /** @param {string[]} ids */
  function lost(ids) {
    for (const id of ids) {
      held.delete(id)
      fresh.delete(id)
      if (comments.get(id)?.state === 'visible') thread.amend(id, {state: 'removed', author: null, html: ''}, true)
    }
    show()
  }

  /** @param {{count: number, version: number, all?: boolean}} page */
  function counted({count, version, all}) {
    isBehind ||= all === false
    heard = {count, version}
    thread.counted(heard)
    show()
  }

  function show() {
    for (const id of held.keys()) if (comments.has(id)) held.delete(id)
    news.textContent = isBehind ? t('whole') : t('live_new', {n: fresh.size})
    const isOver = !isBehind && !fresh.size
    if (isOver && news.matches(':focus')) leave()
    news.hidden = isOver
    setTimeout(speak)
    if ([...comments.values()].some(({selector}) => selector)) quote()
    mark?.()
    thread.paint()
    count()
  }

  /** Gives the focus to what is next in what is seen of the thread. */
  function leave() {
    /** @type {HTMLElement[]} */
    const stops = [...thread.root.querySelectorAll(/** @type {'h2'} */ ('h2, .comment'))]
    const next = stops.find((stop) => stop.getBoundingClientRect().top >= 0) ?? stops.at(-1)
    next?.focus({preventScroll: true})
  }

  /** Has links to this page, on it, say as many comments as stand below. */
  function count() {
    // What has an id of its own is counted by no address.
    if (page) return
    const words = t('count', {n: thread.counted({}).count})
    for (const link of document.querySelectorAll('a[data-afterword-count]')) {
      const isHere = /** @type {HTMLAnchorElement} */ (link).href.split('#')[0] === url
      // A page may look at what changes of it.
      if (isHere && link.textContent !== words) link.textContent = words
    }
  }

  /** Says what the button says, once. */
  function speak() {
    const said = news.hidden ? '' : news.textContent
    if (spoken.textContent !== said) spoken.textContent = said
  }
}
