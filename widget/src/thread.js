// @ts-check
import {base} from './script.js'
import {known, secret} from './reader.js'
import {LOCALE, reword, reworded, t} from './messages.js'
import {part} from './part.js'
import {randomKey, recall, remember} from './remember.js'
import {commentView, permalink} from './comment.js'
import {field, shell} from './field.js'
import {commentIn} from './options.js'
import {arrange, button, drawing, h} from './dom.js'
import {take} from './store.js'
import {ago} from './time.js'
import {trustedHtml} from './html.js'
import {explain} from './explain.js'
import {dress} from './look.js'
import {nest} from './tree.js'

/** @typedef {import('./types.js').Comment} Comment @typedef {import('./types.js').Kept} Kept */
/** @typedef {import('./types.js').Form} Form @typedef {import('./types.js').Failure} Failure */
/**
 * A comment's place in the page, kept as long as the page: what is typed below it stays.
 * @typedef {{row: HTMLLIElement, view: HTMLElement, list?: HTMLOListElement, more?: HTMLElement,
 *   shown?: string, isFolded?: boolean, form?: Opened, menu?: Opened}} Place
 * @typedef {{kind: Form, form: HTMLElement, focus: () => void, close?: () => void}} Opened
 */

/** How often the time that is left to edit is looked at, and how long ago things were. */
const TICK = 10_000
/** The orders that a reader may choose from: the oldest first before all others, the best where there are votes. */
const ORDERS = ['', 'newest', 'best']
/** How many roots fill what is seen of a page at first, mostly. */
const A_VIEW = 3
/** How long comments are drawn at a time, in ms, before the browser may do something else. */
const AT_ONCE = 20
/** When somebody who reads begins to be told what others write, after the thread is there. */
const SETTLED = 4000

/**
 * The thread of one page: its head, its form, its comments.
 * @param {ReturnType<typeof import('./api.js').api>} service
 * @param {import('./types.js').Options} options
 * @param {import('./types.js').Given} given
 */
export function threadView(service, options, {signal, host, restart, adopt, emit}) {
  const place = options.page || options.url
  const draft = `draft:${place}:comment`
  /** The owner's own sentences that it is made with. */
  const said = reworded
  /** @type {Map<string, Kept>} */
  const comments = new Map()
  /** @type {Map<string, Place>} */
  const places = new Map()
  let tick = 0
  /** @type {import('./types.js').Thread['page']} */
  let page = {count: 0, version: 0, is_open: true}
  /** The comment that our part of the thread was asked around: it may begin in the middle. @type {string | undefined} */
  let centre
  /** @type {string | null} */
  let next = null
  /** How many roots are drawn whatever the time. */
  let drawn = A_VIEW
  /** Comments since the last visit, or that came during this one, which were not gone to. @type {Set<string>} */
  const fresh = new Set()
  /** Tells this reader's other tabs. @type {((changed: Partial<Kept>) => void) | undefined} */
  let tell

  /** What is the reader's own, once it is loaded. @type {any} */
  let belongings
  /** @type {Promise<any> | undefined} */
  let owning

  /** @type {import('./types.js').Kit} */
  const kit = {h, button, drawing, field, shell, t, adopt, trustedHtml, explain, secret, randomKey, recall, remember, part}
  const status = h('p.soft', {role: 'status'})
  /** @type {import('./types.js').Context} */
  const context = {
    place,
    // Until the answer is here.
    site: /** @type {any} */ ({votes: 'off', reactions: {}}),
    emit,
    service,
    options,
    status,
    settle,
  }
  const heading = h('h2.heading', {tabIndex: -1}, t('comments'))
  const head = h('div.head', heading)
  /** The choice of the order, once there is something to order. @type {HTMLSelectElement | undefined} */
  let sort
  /** The order that is chosen; the oldest first where none is. */
  let order = ''
  const upper = shell(t('title'), '')
  upper.text.onfocus = write
  // The page is left, or the thread is taken out of it or made anew.
  addEventListener('pagehide', keep, {signal})
  signal.addEventListener('abort', keep)
  /** The whole form, once somebody writes. @type {Promise<any> | undefined} */
  let written
  const closed = h('p.notice')
  const whole = button('wide', t('whole'), () => {
    heading.focus()
    show()
  }, {hidden: true})
  const list = h('ol.comments', {role: 'list'})
  /** The version of the page that it has the thread of, baked. */
  const since = host.dataset.baked
  // What is to come: there before it is asked for, so that no frame is drawn for it alone. What the
  // page holds already stands where it will stand.
  const bones = !since && h('div.bones', t('loading'))
  const note = h('div', bones)
  // What the page itself has in the element, baked or a link, until the thread is there.
  const baked = h('slot')
  const more = button('wide', t('more'), () => append('thread', {sort: order, after: next}), {hidden: true})
  const root = h('section.root', {
    ariaLabel: t('comments'), lang: LOCALE, dir: /^(ar|fa|he)/.test(LOCALE) ? 'rtl' : 'ltr', onclick: follow,
    // Page-wide hotkeys see the element, not the field, and would steal what is typed.
    onkeydown: quiet, onkeypress: quiet, onkeyup: quiet,
    onpointerover: near,
  },
    head, upper.form, closed, status, whole, baked, note, more)
  dress(root, options)
  if ('keys' in options) part('keys').then(({listen}) => listen(root), () => {})
  return {root, show, go, look: (/** @type {typeof options} */ chosen) => dress(root, chosen, context.site.look)}

  /**
   * Fetches the thread and shows it; with an id, the part that holds this comment, and goes there.
   * @param {string} [around]
   */
  function show(around) {
    return attempt(async () => {
      // Not before: the first look into its storage keeps a browser waiting.
      if (!places.size) order = ORDERS.find((name) => name === (recall('sort') ?? options.sort)) ?? ''
      // What the page holds already is taken over: then only what is newer is asked for.
      const taker = since && !around && !order && !comments.size && await part('baked').catch(() => '')
      const asked = order
      const answer = await service.get('thread', taker ? {since} : {sort: asked, around})
      // Another one was chosen meanwhile, and asked for.
      if (asked !== order) return
      reword(answer.site.texts)
      if (reworded !== said) return restart()
      // What waits for approval stays, and what somebody is just answering.
      const before = [...comments]
      comments.clear()
      take(comments, answer.gone ? taker.upgrade(host, answer) : answer.comments)
      for (const [id, comment] of before) {
        const isInUse = comment.state === 'pending' || places.get(id)?.row.querySelector('form')
        if (isInUse && !comments.has(id)) comments.set(id, comment)
      }
      page = answer.page
      // The answer may come from a cache of before.
      if (Date.parse(/** @type {string} */ (page.closes)) < Date.now()) page.is_open = false
      next = answer.next
      centre = around
      context.site = answer.site
      // What nobody votes for has no best.
      if (context.site.votes === 'off' && order === 'best') order = ''
      if (sort) sort.value = order
      dress(root, options, answer.site.look)
      written?.then((form) => form?.configure())
      if (recall(draft)) write()
      drawn = around ? Infinity : A_VIEW
      paint()
      if (around) light(around)
      if (answer.fediverse || answer.mentions[0]) part('elsewhere').then(({list}) => list(kit, root, answer), () => {})
      emit('ready', page)
      const reader = known(place)
      // Without it the thread is there; what waits will show at the next visit.
      Promise.resolve(reader && owned().then(({show}) => show(reader))).then(resume, resume)
      if (!tell) setTimeout(listen, SETTLED)
    }, bones)
  }

  /** Loads what deals with the reader's own, when there first is something. */
  function owned() {
    return (owning ??= part('own').then(({own: make}) => {
      belongings = make(kit, context, {comments, fresh, amend, take, paint, tell: (/** @type {Partial<Kept>} */ changed) => tell?.(changed)})
      paint()
      return belongings
    }, (error) => {
      owning = undefined
      throw error
    }))
  }

  /** Loads it for whoever comes near, who may vote and leave at once. */
  function near() {
    if (context.site.votes === 'off') return
    root.onpointerover = null
    owned().catch(() => {})
  }

  /** Goes to a comment, fetching its part of the thread when it is not here. @param {string} id */
  function go(id) {
    if (id && !light(id)) show(id)
  }

  /** Tells what is new, and what happens on this page while it is looked at. */
  async function listen() {
    const {follow} = await part('live').catch(() => ({}))
    if (signal.aborted || tell) return
    tell = follow?.(kit, {options, place, signal, base}, {
      comments, root, show, go, fresh, owned, amend, get: service.get,
      version: () => page.version,
      passages: () => /** @type {any} */ (context.site.passages && page),
      quote: async (/** @type {object} */ selector) => {
        write()
        ;(await written)?.quote(selector)
      },
      counted: (/** @type {object} */ told) => (page = {...page, ...told}),
      paint() {
        drawn = Infinity
        paint()
      },
    })
  }

  /** The first one of its kind in a page takes a browser as long as several comments: it comes after them. */
  function choice() {
    return h('select.input sort', {ariaLabel: t('sort'), onchange: resort}, ...ORDERS
      .slice(0, context.site.votes === 'off' ? 2 : 3)
      .map((value) => h('option', {value, selected: value === order}, t(value || 'oldest'))))
  }

  /** @param {{target: HTMLSelectElement}} event */
  function resort({target}) {
    order = target.value
    remember('sort', order || 'oldest')
    // With all of it here, order is our own affair, but for what votes say.
    if (next || centre || order === 'best') show()
    else paint()
  }

  /**
   * Fetches what follows: of the thread, or of the replies below a root.
   * @param {string} path
   * @param {{sort?: string, after?: string | null}} asked
   * @param {string} [id] the root
   */
  function append(path, asked, id) {
    return attempt(async () => {
      const answer = await service.get(path, asked)
      const root = comments.get(/** @type {string} */ (id))
      // It was pressed twice, or the whole thread was asked for anew.
      if (asked.after !== (id ? root?.replies_next : next)) return
      const first = answer.comments.find((/** @type {Comment} */ {id}) => !comments.has(id))
      take(comments, answer.comments, id)
      if (root) comments.set(root.id, {...root, replies_next: answer.next})
      else next = answer.next
      drawn = Infinity
      paint()
      // The button that was pressed may be gone, and the focus with it.
      places.get(first?.id)?.view.focus()
    })
  }

  /** Brings the page to what we know, touching only what differs. */
  function paint() {
    const roots = nest(comments.values(), order)
    heading.textContent = t(page.count ? 'count' : 'comments', {n: page.count})
    // What somebody has written is not taken out of their sight.
    upper.form.hidden = !page.is_open && !written
    closed.textContent = page.is_open ? '' : t('closed')
    whole.hidden = !centre || comments.size >= page.count
    more.hidden = !next
    // A failure is said until it is tried again.
    if (!note.querySelector('[role=alert]')) say(!roots.length && page.is_open && h('p.notice', t('empty')))
    baked.replaceWith(list)
    draw(roots)
  }

  /**
   * Draws roots as long as nobody has to wait for it, and the rest a moment later.
   * @param {import('./types.js').Node[]} roots @param {HTMLLIElement[]} rows those that are drawn already
   */
  function draw(roots, rows = []) {
    const until = Date.now() + AT_ONCE
    for (const node of roots.slice(rows.length)) {
      if (rows.length >= drawn && Date.now() > until) break
      rows.push(row(node))
    }
    const isDone = rows.length === roots.length
    // Twice as many each time: with every change, the browser lays out and paints the page anew.
    if (isDone || rows.length >= 2 * list.childElementCount) arrange(list, rows, focused())
    if (isDone && rows.length > 1) sort ??= head.appendChild(choice())
    drawn = isDone ? Infinity : rows.length
    clearTimeout(tick)
    tick = setTimeout(() => root.isConnected && (isDone ? paint() : draw(roots, rows)), isDone ? TICK : 0)
  }

  function focused() {
    return /** @type {ShadowRoot} */ (root.getRootNode()).activeElement
  }

  /** @param {import('./types.js').Node} node */
  function row({comment, replies, away, below}) {
    const {id} = comment
    const found = placeOf(id)
    if (comment.can_edit) owned().catch(() => {})
    const minutes = belongings?.minutesLeft(comment, Date.now())
    const {votes, reactions} = context.site
    /** @type {import('./types.js').Look} */
    const look = {
      comment,
      answered: away && comments.get(/** @type {string} */ (comment.parent))?.author?.name,
      isOpen: page.is_open,
      site: {votes, reactions},
      canEdit: minutes > 0,
      form: found.form?.kind,
      menu: !!found.menu,
      below,
      isFolded: found.isFolded,
      isNew: fresh.has(id),
    }
    const shown = JSON.stringify(look)
    if (shown !== found.shown) {
      const {view} = found
      const active = /** @type {HTMLButtonElement | null} */ (focused())
      found.view = commentView(look, {
        open: (kind) => open(id, kind),
        fold() {
          found.isFolded = !found.isFolded
          paint()
        },
        press: (...said) =>
          owned().then(({press}) => press(id, ...said), () => amend(id, {wrong: absent()})),
        controls: () => belongings?.controls(look, () => open(id, 'edit')) ?? [],
      })
      const hadFocus = view.contains(active)
      view.replaceWith(found.view)
      found.shown = shown
      if (hadFocus) focus(found, active?.name)
    }
    // In place: what somebody reads or copies from is not drawn anew each minute.
    const time = found.view.querySelector('time')
    if (time) time.textContent = ago(new Date(comment.created), Date.now())
    const edit = control(found, 'edit')
    if (edit) edit.textContent = belongings.editLabel(minutes)
    // Most have none: what is not there, no browser has to look at.
    const list = replies[0] && (found.list ??= h('ol', {role: 'list'}))
    if (list) arrange(list, replies.map(row), focused())
    const more = comment.replies_next && (found.more ??= button('act', t('more_replies'), () =>
      append(`comments/${id}/replies`, {after: comments.get(id)?.replies_next}, id)))
    const parts = [found.view, found.menu?.form, found.form?.form, !found.isFolded && list, !found.isFolded && more]
    arrange(found.row, /** @type {HTMLElement[]} */ (parts.filter(Boolean)), focused())
    return found.row
  }

  /** Drawn or not yet. @param {string} id */
  function placeOf(id) {
    /** @type {Place} */
    const found = places.get(id) ?? {row: h('li'), view: h('article')}
    places.set(id, found)
    return found
  }

  /** Takes up what waits to be sent, wherever the reader is. */
  function resume() {
    if (recall(`queued:${place}`)) part('queue').then(({resume}) => resume(kit, context, {upper, write, places, take, comments, open}), () => {})
  }

  /**
   * Opens a form or the menu at a comment, or goes to it when it is open.
   * @param {string} id @param {Form} kind @param {boolean} [isQuiet] that the focus stays where it is
   */
  async function open(id, kind, isQuiet) {
    const comment = comments.get(id)
    if (!comment) return
    const found = placeOf(id)
    // The menu stands beside a form: what is typed there stays.
    const slot = kind === 'menu' ? 'menu' : 'form'
    const here = found[slot]
    if (here?.kind !== kind) {
      const name = comment.author?.name || t('anonymous')
      const close = (/** @type {boolean | undefined} */ isQuiet) => {
        // What was sent out of sight: another form stands in its place.
        if (found[slot]?.form !== made.form) return
        found[slot] = undefined
        paint()
        isQuiet || focus(found, kind)
      }
      const about = {name, kind, close, comment, link: permalink(id), row: found.row, go}
      const made = await (slot === 'menu' ? part('menu').then(({menu}) => menu(kit, context, about))
        : compose(undefined, about)).catch(() => amend(id, {wrong: absent()}))
      if (!made) return
      found[slot] = {...made, kind}
      paint()
      isQuiet || made.focus()
    } else if (slot === 'menu') here.close?.()
    else isQuiet || here.focus()
  }

  /** Makes the form at the top a whole one, when it is first used or something was left in it. */
  function write() {
    written ??= compose(upper, {kind: 'comment'}).catch(() => {
      // What is typed stays. The next who comes to the field tries again, and the connection that is back.
      written = undefined
      upper.wrong.textContent = absent()
      addEventListener('online', write, {signal, once: true})
    })
    upper.form.classList.add('open')
  }

  /** @param {import('./types.js').Shell | undefined} shell @param {import('./types.js').About} about */
  async function compose(shell, about) {
    return (await part('write')).composer(kit, context, shell, about)
  }

  /** What was typed before there was a form that keeps it. */
  function keep() {
    const kept = recall(draft)?.text ?? ''
    const {form, text} = upper
    // A whole form has a name. And it may be kept already: a page that is left can be come back to.
    if (!form.name && !kept.endsWith(text.value)) remember(draft, {text: kept + text.value})
  }

  /** Why a part could not be had. */
  function absent() {
    return explain({code: navigator.onLine ? 'network' : 'offline'})
  }

  /**
   * Shows what has changed of a comment, counts it and says it.
   * @param {string} id
   * @param {Partial<Comment & Kept>} changes of its replies, and the way to those that are not here, the thread knows more
   * @param {boolean} [isOthers] that somebody else did it: the service has counted it, and nobody is told
   */
  function amend(id, {state, replies, replies_next, ...changes}, isOthers) {
    const before = comments.get(id)
    // It may be gone meanwhile, with its part of the thread.
    if (!before && !state) return
    if (state && !isOthers) {
      page.count += Number(state === 'visible') - Number(before?.state === 'visible')
      status.textContent = t(state)
    }
    const after = /** @type {Kept} */ ({...before, ...changes, ...(state && {state})})
    comments.set(id, after)
    paint()
    if (state && !isOthers) tell?.({...after, undo: false})
  }

  /**
   * Shows what the service has stored, and goes there; but who writes elsewhere is left in peace.
   * @param {Comment} comment @param {boolean} isEdit
   * @param {unknown} [isBusy] that its author does something else meanwhile
   */
  function settle(comment, isEdit, isBusy = root.querySelector('form:focus-within textarea:read-write')) {
    amend(comment.id, comment)
    // After the form has closed and given the focus back to its button.
    if (!isBusy) setTimeout(() => light(comment.id))
    if (!isEdit) emit('posted', {comment})
  }

  /** @param {Event} event */
  function quiet(event) {
    event.stopPropagation()
  }

  /** Follows permalinks also when the address already has their fragment. @param {MouseEvent} event */
  function follow({target}) {
    const link = /** @type {Element} */ (target).closest('a')
    const id = link && commentIn(link.href)
    if (!id || permalink(id, link.href) !== permalink(id)) return
    // By another address than the page's own, the browser would load the page anew.
    link.search = location.search
    go(id)
  }

  /** Scrolls to a comment, focuses it and lights it up for a moment. @param {string} id */
  function light(id) {
    const found = places.get(id)
    for (const place of places.values()) {
      // It stays where it is only when all above it is as tall as it will be.
      place.row.style.contentVisibility = 'visible'
      // What stands under something folded is unfolded.
      if (place.list?.contains(/** @type {Node} */ (found?.row))) place.isFolded = false
    }
    paint()
    if (!found?.row.isConnected) return false
    const {view} = found
    host.closest('details')?.setAttribute('open', '')
    view.focus({preventScroll: true})
    view.scrollIntoView()
    // Without motion: there, then gone.
    view.animate({background: 'var(--fill)', boxShadow: '0 0 0 0.5em var(--fill)', offset: 0}, 2500)
    return true
  }

  /** @param {Place} place @param {string} [name] @returns {HTMLElement | null} */
  function control({view}, name) {
    return view.querySelector(`[name="${name}"]`)
  }

  /** Focuses a comment's control; the comment when it has none of this name. @param {Place} place @param {string} [name] */
  function focus(place, name) {
    (control(place, name) ?? place.view).focus({preventScroll: true})
  }

  /** @param {any} [words] a node, if any; one that is said already is left untouched */
  function say(words) {
    words?.isConnected || note.replaceChildren(words || '')
  }

  /**
   * Does it; when it fails, says so with a button to try again.
   * @param {() => Promise<void>} act @param {Node | false} [words] meanwhile
   */
  async function attempt(act, words) {
    say(words)
    try {
      await act()
    } catch (error) {
      const failure = /** @type {Failure} */ (error)
      upper.form.hidden ||= failure.code === 'unknown_site'
      say(h('p.notice', {role: 'alert'}, t('failed_load'), ' ', explain(failure),
        button('wide', t('retry'), () => {
          heading.focus()
          attempt(act, words)
        })))
      emit('error', failure)
    }
  }
}
