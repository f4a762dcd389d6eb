// @ts-check
import {arrange, button, h} from './dom.js'
import {randomKey, recall, remember} from './remember.js'
import {solve} from './challenge.js'
import {commentIn} from './options.js'
import {take} from './store.js'
import {nest} from './tree.js'
import {commentView} from './comment.js'
import {LOCALE, t} from './messages.js'
import {composer, explain} from './composer.js'

/** @typedef {import('./types.js').Comment} Comment @typedef {import('./types.js').Kept} Kept */
/**
 * A comment's place in the page, kept as long as the page: what is typed below it stays.
 * @typedef {{row: HTMLLIElement, view: HTMLElement, list: HTMLOListElement, more: HTMLElement,
 *   shown?: string, form?: ReturnType<typeof composer>}} Place
 */

/** A form token is good for a day; after half of it a new one is fetched. */
const FORM_LIFE = 12 * 60 * 60 * 1000

/**
 * The thread of one page: its head, its form, its comments.
 * @param {ReturnType<typeof import('./api.js').api>} service
 * @param {import('./types.js').Options} options
 * @param {{host: string, emit: (name: string, detail: object) => unknown}} given
 *   `emit` tells the page, by an event on the element
 */
export function threadView(service, options, {host, emit}) {
  const place = options.page || options.url
  const secretAt = `secret:${host}`
  /** @type {Map<string, Kept>} */
  const comments = new Map()
  /** @type {Map<string, Place>} */
  const places = new Map()
  /** @type {Pick<import('./types.js').Thread['page'], 'count' | 'is_open' | 'closes'>} */
  let page = {count: 0, is_open: true}
  /** The comment that our part of the thread was asked around: it may begin in the middle. @type {string | undefined} */
  let centre
  /** @type {string | null} */
  let next = null
  /** @type {{form: string, min_seconds: number, opened: number} | undefined} */
  let token

  /** @type {import('./types.js').Context} */
  const context = {
    place,
    site: {require_name: true, max_length: 5000},
    writer: {name: '', email: '', website: '', ...recall('writer')},
    emit,
    prepare,
    post,
  }
  const heading = h('h2.heading', t('comments'))
  const best = h('option', {value: 'best'}, t('best'))
  const sort = h('select.input sort', {ariaLabel: t('sort'), hidden: true, onchange: resort},
    h('option', {value: ''}, t('oldest')), h('option', {value: 'newest'}, t('newest')), best)
  sort.value = recall('sort') ?? options.sort
  // What is no choice leaves none chosen: then the first.
  sort.value ||= ''
  const composed = composer(context)
  const closed = h('p.notice')
  const whole = button('wide', t('whole'), () => show(), {hidden: true})
  const list = h('ol.comments', {role: 'list'})
  const note = h('div')
  const more = button('wide', t('more'), () => append('thread', {sort: sort.value, after: next}), {hidden: true})
  const status = h('p.soft', {role: 'status'})
  const root = h(`section.root ${options.theme}`, {
    ariaLabel: t('comments'), lang: LOCALE, dir: 'ltr', onclick: follow,
    // Page-wide hotkeys see the element, not the field, and would steal what is typed.
    onkeydown: quiet, onkeypress: quiet, onkeyup: quiet,
  },
    h('div.head', heading, sort), composed.form, closed, status, whole, list, note, more)
  return {root, show, go}

  /**
   * Fetches the thread and shows it; with an id, the part that holds this comment, and goes there.
   * @param {string} [around]
   */
  function show(around) {
    say(h('p.soft', t('loading')))
    return attempt(async () => {
      const answer = await service.get('thread', {sort: sort.value, around})
      // What waits for approval stays, and what somebody is just answering.
      const inUse = [...comments.values()].filter(
        ({id, state}) => state === 'pending' || places.get(id)?.row.querySelector('form'))
      comments.clear()
      take(comments, answer.comments)
      for (const comment of inUse) if (!comments.has(comment.id)) comments.set(comment.id, comment)
      page = answer.page
      // The answer may come from a cache of before.
      if (new Date(page.closes ?? NaN) < new Date()) page.is_open = false
      next = answer.next
      centre = around
      context.site = answer.site
      if (context.site.votes === 'off') best.remove()
      composed.configure()
      paint()
      if (around) light(around)
      emit('ready', page)
      const secret = recall(`posted:${place}`) && recall(secretAt)
      if (secret) showOwn(secret)
    })
  }

  /** Goes to a comment, fetching its part of the thread when it is not here. @param {string} id */
  function go(id) {
    if (id && !light(id)) show(id)
  }

  /** Shows what waits for approval to the one who wrote it. @param {string} secret */
  async function showOwn(secret) {
    try {
      const own = await service.get('me/comments', {}, secret)
      // The thread knows more about the ones it has: their replies.
      take(comments, own.comments.filter((/** @type {Comment} */ {id}) => !comments.has(id)))
      paint()
    } catch {
      // The thread is there; what waits will show at the next visit.
    }
  }

  function resort() {
    remember('sort', sort.value || 'oldest')
    // With all of it here, order is our own affair, but for what votes say.
    if (next || centre || sort.value === 'best') show()
    else paint()
  }

  /**
   * Fetches what follows: of the thread, or of the replies below a root.
   * @param {string} path
   * @param {object} asked
   * @param {string} [id] the root
   */
  function append(path, asked, id) {
    return attempt(async () => {
      const answer = await service.get(path, asked)
      const first = answer.comments.find((/** @type {Comment} */ {id}) => !comments.has(id))
      take(comments, answer.comments, id)
      const root = comments.get(id ?? '')
      if (root) comments.set(root.id, {...root, replies_next: answer.next})
      else next = answer.next
      paint()
      // The button that was pressed may be gone, and the focus with it.
      places.get(first?.id)?.view.focus()
    })
  }

  /** Brings the page to what we know, touching only what differs. */
  function paint() {
    const roots = nest(comments.values(), sort.value)
    heading.textContent = page.count ? t('count', {n: page.count}) : t('comments')
    sort.hidden = roots.length < 2
    composed.form.hidden = !page.is_open
    closed.textContent = page.is_open ? '' : t('closed')
    whole.hidden = !centre || comments.size >= page.count
    more.hidden = !next
    say(!roots.length && page.is_open && h('p.notice', t('empty')))
    fill(list, roots)
  }

  /** @param {HTMLElement} list @param {import('./types.js').Node[]} nodes */
  function fill(list, nodes) {
    const {activeElement} = /** @type {ShadowRoot} */ (root.getRootNode())
    arrange(list, nodes.map(row), activeElement)
  }

  /** @param {import('./types.js').Node} node */
  function row({comment, replies, away}) {
    const {id} = comment
    const found = places.get(id) ?? addPlace(id)
    const answered = away && comments.get(comment.parent ?? '')?.author?.name
    const shown = JSON.stringify([comment, answered, page.is_open])
    if (shown !== found.shown) {
      const view = commentView(comment, answered, page.is_open && ((name) => reply(id, name)))
      found.view.replaceWith(view)
      found.view = view
      found.shown = shown
    }
    found.more.hidden = !comment.replies_next
    fill(found.list, replies)
    return found.row
  }

  /** @param {string} id */
  function addPlace(id) {
    const view = h('article')
    const list = h('ol', {role: 'list'})
    const more = button('act', t('more_replies'), () =>
      append(`comments/${id}/replies`, {after: comments.get(id)?.replies_next}, id))
    /** @type {Place} */
    const made = {row: h('li', view, list, more), view, list, more}
    places.set(id, made)
    return made
  }

  /** Opens the form below a comment, or goes to it when it is open. @param {string} id @param {string} name */
  function reply(id, name) {
    const found = /** @type {Place} */ (places.get(id))
    const opener = () => /** @type {HTMLElement} */ (found.view.lastChild)
    if (!found.form) {
      found.form = composer(context, {
        parent: id,
        name,
        close() {
          found.form?.form.remove()
          found.form = undefined
          opener().ariaExpanded = 'false'
          opener().focus()
        },
      })
      found.view.after(found.form.form)
      opener().ariaExpanded = 'true'
    }
    found.form.focus()
  }

  /** Fetches a form token, which says that somebody began to write here, and when. */
  async function prepare() {
    if (token && Date.now() - token.opened < FORM_LIFE) return
    try {
      token = {...(await service.get('form')), opened: Date.now()}
    } catch {
      // Asked again when sending. Without a token the server decides by its own rules.
    }
  }

  /** @param {import('./types.js').Draft} draft @param {string} key */
  async function post(draft, key) {
    await prepare()
    // What comes faster than people type would be held for review: wait instead of the reader.
    const ready = token ? token.opened + token.min_seconds * 1000 : 0
    await new Promise((done) => setTimeout(done, ready - Date.now()))
    const secret = recall(secretAt) ?? randomKey()
    // Before it is sent: if the answer is lost, the next try must come from the same author.
    remember(secretAt, secret)
    const said = {title: options.title, ...draft, form: token?.form}
    const {comment} = await service.post(said, key, secret).catch(async (failure) => {
      // What looks suspicious costs a second of work, which the reader only sees as a slow answer.
      if (!failure.challenge) throw failure
      return service.post({...said, challenge: await solve(failure.challenge)}, key, secret)
    })
    remember(`posted:${place}`, true)
    const isPublic = comment.state === 'visible'
    if (isPublic) page.count += 1
    take(comments, [comment])
    paint()
    status.textContent = t(isPublic ? 'posted' : 'waits')
    emit('posted', {comment})
    // After the form has closed and given the focus back to its button; but who has gone on to
    // write elsewhere is left in peace.
    const isBusy = root.querySelector('form:focus-within textarea:read-write')
    if (!isBusy) setTimeout(() => light(comment.id))
  }

  /** @param {Event} event */
  function quiet(event) {
    event.stopPropagation()
  }

  /** Follows permalinks also when the address already has their fragment. @param {MouseEvent} event */
  function follow({target}) {
    const link = target instanceof Element && target.closest('a')
    if (link) go(commentIn(link.href))
  }

  /** Scrolls to a comment, focuses it and lights it up for a moment. @param {string} id */
  function light(id) {
    const view = places.get(id)?.view
    if (!view?.isConnected) return false
    view.focus({preventScroll: true})
    view.scrollIntoView()
    view.classList.add('lit')
    return true
  }

  /** @param {Node | false} words */
  function say(words) {
    note.replaceChildren(words || '')
  }

  /** Does it; when it fails, says so with a button to try again. @param {() => Promise<void>} act */
  async function attempt(act) {
    try {
      await act()
    } catch (error) {
      const failure = /** @type {import('./types.js').Failure} */ (error)
      composed.form.hidden ||= failure.code === 'unknown_site'
      say(h('p.notice', {role: 'alert'}, t('failed_load'), ' ', explain(failure),
        button('wide', t('retry'), () => attempt(act))))
      emit('error', failure)
    }
  }
}
