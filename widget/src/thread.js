// @ts-check
import {arrange, button, h} from './dom.js'
import {randomKey, recall, remember} from './remember.js'
import {solve} from './challenge.js'
import {commentIn} from './options.js'
import {take} from './store.js'
import {nest} from './tree.js'
import {commentView} from './comment.js'
import {editLabel, minutesLeft} from './own.js'
import {cast} from './votes.js'
import {LOCALE, t} from './messages.js'
import {composer, explain} from './composer.js'

/** @typedef {import('./types.js').Comment} Comment @typedef {import('./types.js').Kept} Kept */
/**
 * A comment's place in the page, kept as long as the page: what is typed below it stays.
 * @typedef {{row: HTMLLIElement, view: HTMLElement, list: HTMLOListElement, more: HTMLElement,
 *   shown?: string, kind?: import('./types.js').Form, form?: ReturnType<typeof composer>}} Place
 */

/** A form token is good for a day; after half of it a new one is fetched. */
const FORM_LIFE = 12 * 60 * 60 * 1000
/** How often the time that is left to edit is looked at. */
const TICK = 10_000
/** How long the server takes a removal back; not until when: clocks differ. */
const UNDO = 60_000

/**
 * The thread of one page: its head, its form, its comments.
 * @param {ReturnType<typeof import('./api.js').api>} service
 * @param {import('./types.js').Options} options
 * @param {{base: URL, emit: (name: string, detail: object) => unknown}} given
 *   `emit` tells the page, by an event on the element
 */
export function threadView(service, options, {base, emit}) {
  const place = options.page || options.url
  const secretAt = `secret:${base.host}`
  /** @type {Map<string, Kept>} */
  const comments = new Map()
  /** @type {Map<string, Place>} */
  const places = new Map()
  /** @type {string} */
  let held
  let tick = 0
  /** Votes are sent one after the other, for the last one to count. */
  let sent = Promise.resolve()
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
    site: {require_name: true, max_length: 5000, votes: 'off', reactions: {}},
    writer: {name: '', email: '', website: '', ...recall('writer')},
    emit,
    prepare,
  }
  const heading = h('h2.heading', t('comments'))
  const best = h('option', {value: 'best'}, t('best'))
  const sort = h('select.input sort', {ariaLabel: t('sort'), hidden: true, onchange: resort},
    h('option', {value: ''}, t('oldest')), h('option', {value: 'newest'}, t('newest')), best)
  sort.value = recall('sort') ?? options.sort
  // What is no choice leaves none chosen: then the first.
  sort.value ||= ''
  const composed = composer(context, {kind: 'comment', send: post})
  const closed = h('p.notice')
  const whole = button('wide', t('whole'), () => show(), {hidden: true})
  const list = h('ol.comments', {role: 'list'})
  const note = h('div')
  // What the page itself has in the element, baked or a link, until the thread is there.
  const baked = h('slot')
  const more = button('wide', t('more'), () => append('thread', {sort: sort.value, after: next}), {hidden: true})
  const status = h('p.soft', {role: 'status'})
  const root = h(`section.root ${options.theme}`, {
    ariaLabel: t('comments'), lang: LOCALE, dir: 'ltr', onclick: follow,
    // Page-wide hotkeys see the element, not the field, and would steal what is typed.
    onkeydown: quiet, onkeypress: quiet, onkeyup: quiet,
  },
    h('div.head', heading, sort), composed.form, closed, status, whole, baked, note, more)
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

  /** Shows what is one's own: what waits for approval, what can be changed. @param {string} secret */
  async function showOwn(secret) {
    try {
      const mine = await service.get('me/comments', {}, secret)
      take(comments, mine.comments.map(own))
      for (const [id, vote] of Object.entries(mine.votes)) know(id, 'vote', vote)
      for (const [id, names] of Object.entries(mine.reactions)) {
        for (const name of names) know(id, name, 1)
      }
      paint()
    } catch {
      // The thread is there; what waits will show at the next visit.
    }
  }

  /** Remembers a vote or reaction that is counted already. @param {string} id @param {string} sign @param {number} value */
  function know(id, sign, value) {
    const comment = comments.get(id)
    if (comment) comment.mine = {...comment.mine, [sign]: value}
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
    baked.replaceWith(list)
    fill(list, roots)
    clearTimeout(tick)
    tick = setTimeout(() => root.isConnected && paint(), TICK)
  }

  /** @param {HTMLElement} list @param {import('./types.js').Node[]} nodes */
  function fill(list, nodes) {
    const rows = nodes.map(row)
    arrange(list, rows, focused())
  }

  function focused() {
    return /** @type {ShadowRoot} */ (root.getRootNode()).activeElement
  }

  /** @param {import('./types.js').Node} node */
  function row({comment, replies, away}) {
    const {id} = comment
    const found = places.get(id) ?? addPlace(id)
    const minutes = minutesLeft(comment, Date.now())
    const look = {
      comment,
      answered: away && comments.get(comment.parent ?? '')?.author?.name,
      isOpen: page.is_open,
      site: context.site,
      base,
      canEdit: minutes > 0,
      form: found.kind,
    }
    const shown = JSON.stringify(look)
    if (shown !== found.shown) {
      const {view} = found
      const active = /** @type {HTMLButtonElement | null} */ (focused())
      found.view = commentView(look, {
        open: (kind) => open(id, kind),
        remove: () => remove(id),
        restore: () =>
          act(id, 'POST', '/restore', ({comment}) => ({...own(comment), undo: false})),
        press: (...said) => press(id, ...said),
      })
      const hadFocus = view.contains(active)
      view.replaceWith(found.view)
      found.shown = shown
      if (hadFocus) focus(found, active?.name)
    }
    // In place: what somebody reads or copies from is not drawn anew each minute.
    const edit = control(found, 'edit')
    if (edit) edit.textContent = editLabel(minutes)
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

  /** Opens a form at a comment, or goes to it when it is open. @param {string} id @param {import('./types.js').Form} kind */
  function open(id, kind) {
    const found = /** @type {Place} */ (places.get(id))
    if (found.kind !== kind) {
      const {author, text} = /** @type {Kept} */ (comments.get(id))
      found.form?.form.remove()
      found.kind = kind
      found.form = composer(context, {
        kind,
        id,
        name: author?.name || t('anonymous'),
        text: kind === 'edit' ? text : '',
        send: kind === 'edit' ? change : post,
        close() {
          found.form?.form.remove()
          found.form = found.kind = undefined
          paint()
          focus(found, kind)
        },
      })
      found.view.after(found.form.form)
      paint()
    }
    found.form?.focus()
  }

  /** @param {string} id */
  function remove(id) {
    return act(id, 'DELETE', '', ({comment}) => {
      setTimeout(() => amend(id, {undo: false}), UNDO)
      return {...own(comment), undo: true}
    })
  }

  /** Shows a vote or reaction at once and sends it after those before; when it fails, it goes. @param {string} id @param {string} sign @param {number} value */
  function press(id, sign, value) {
    const comment = /** @type {Kept} */ (comments.get(id))
    const was = comment.mine?.[sign] ?? 0
    amend(id, cast(comment, sign, value))
    const [path, said] = sign === 'vote' ? ['/vote', {value}] : [`/reactions/${sign}`, {on: !!value}]
    // The answer changes nothing: whoever pressed again meanwhile would see it go back and forth.
    sent = sent.then(() => act(id, 'PUT', path, () => ({}), said,
      () => cast(comments.get(id) ?? comment, sign, was)))
  }

  /**
   * Does something to a comment; when it fails, says why below it.
   * @param {string} id @param {string} method @param {string} path
   * @param {(answer: any) => Partial<Kept>} change what the answer changes of it
   * @param {object} [said]
   * @param {() => Partial<Kept>} [undo] what failing changes of it
   */
  async function act(id, method, path, change, said, undo) {
    try {
      const answer = await service.send(method, `comments/${id}${path}`, said, secret())
      amend(id, {wrong: '', ...change(answer)})
    } catch (error) {
      const failure = /** @type {import('./types.js').Failure} */ (error)
      amend(id, {wrong: explain(failure), ...undo?.()})
      emit('error', failure)
    }
  }

  /**
   * Shows what has changed of a comment, counts it and says it.
   * @param {string} id
   * @param {Partial<Kept>} changes
   */
  function amend(id, {state, ...changes}) {
    const before = comments.get(id)
    // It may be gone meanwhile, with its part of the thread.
    if (!before && !state) return
    if (state) {
      page.count += Number(state === 'visible') - Number(before?.state === 'visible')
      status.textContent = t(state)
    }
    comments.set(id, /** @type {Kept} */ ({...before, ...changes, ...(state && {state})}))
    paint()
  }

  /** A comment as its author is told of it: of its replies the thread knows more. @param {Comment} told */
  function own({replies, replies_next, ...comment}) {
    return comment
  }

  /** The reader's secret, the same for all they do on this site. */
  function secret() {
    held = recall(secretAt) ?? held ?? randomKey()
    // Before it is sent: if the answer is lost, the next try must come from the same author.
    remember(secretAt, held)
    remember(`posted:${place}`, true)
    return held
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
  async function post({id: parent, ...draft}, key) {
    await prepare()
    // What comes faster than people type would be held for review: wait instead of the reader.
    const ready = token ? token.opened + token.min_seconds * 1000 : 0
    await new Promise((done) => setTimeout(done, ready - Date.now()))
    const {url, page, title} = options
    const said = {url, page, title, parent, ...draft, form: token?.form}
    const send = (/** @type {object} */ said) => service.send('POST', 'comments', said, secret(), key)
    const {comment} = await send(said).catch(async (failure) => {
      // What looks suspicious costs a second of work, which the reader only sees as a slow answer.
      if (!failure.challenge) throw failure
      return send({...said, challenge: await solve(failure.challenge)})
    })
    settle(comment)
    emit('posted', {comment})
  }

  /** @param {import('./types.js').Draft} draft */
  async function change({id, text}) {
    settle((await service.send('PATCH', `comments/${id}`, {text}, secret())).comment)
  }

  /** Shows a comment that was sent, and goes there. @param {Comment} comment */
  function settle(comment) {
    amend(comment.id, own(comment))
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

  /** @param {Place} place @param {string} [name] @returns {HTMLElement | null} */
  function control({view}, name) {
    return view.querySelector(`[name="${name}"]`)
  }

  /** Focuses a comment's control; the comment when it has none of this name. @param {Place} place @param {string} [name] */
  function focus(place, name) {
    (control(place, name) ?? place.view).focus({preventScroll: true})
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
