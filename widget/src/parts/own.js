// @ts-check
// What is a reader's own, loaded when there is something: their comments, to change or to take away,
// their votes and reactions.

/** @typedef {import('../types.js').Kept} Kept @typedef {import('../types.js').Failure} Failure */

import css from './own.css'

export const words = WORDS

const MINUTE = 60_000
/** How long the server takes a removal back; not until when: clocks differ. */
const UNDO = 60_000

/**
 * How many minutes are left to change a comment: 0 for none, Infinity when nothing presses.
 * @param {Kept} comment
 * @param {number} now
 */
export function minutesLeft({can_edit, edit_until}, now) {
  if (!can_edit) return 0
  return edit_until ? Math.max(0, Math.ceil((Date.parse(edit_until) - now) / MINUTE)) : Infinity
}

/**
 * What the control to edit says: no hours, they press nobody.
 * @param {import('../types.js').Kit['t']} t
 * @param {number} n minutes
 */
export function editLabel(t, n) {
  return t(n > 60 ? 'edit' : 'edit_left', {n})
}

/**
 * What a reader's vote or reaction changes of a comment. Their earlier one goes.
 * @param {Kept} comment
 * @param {string} sign `vote`, or a reaction's name
 * @param {number} value 1 or -1; 0 for none
 * @returns {Partial<Kept>}
 */
export function cast({mine = {}, up, score, reactions}, sign, value) {
  const by = value - (mine[sign] ?? 0)
  const changed = {mine: {...mine, [sign]: value}}
  return sign === 'vote'
    ? {...changed, score: score + by, up: up + Number(value > 0) - Number(mine.vote > 0)}
    : {...changed, reactions: {...reactions, [sign]: (reactions[sign] ?? 0) + by}}
}

/**
 * Shows a comment of the reader's that is not here yet; answers it where it is theirs to change: not
 * when it was removed, or written before they signed in as somebody else.
 * @param {import('../types.js').Kit} kit
 * @param {import('../types.js').Context} context
 * @param {string} id
 * @param {true} [isAlone] that nobody waits for it
 */
export async function reveal({secret}, {service, place, settle}, id, isAlone) {
  const {comments} = await service.get('me/comments', {}, secret(place))
  const found = comments.find((/** @type {Kept} */ comment) => comment.id === id)
  if (found) settle(found, true, isAlone)
  return found
}

/**
 * Deals with the reader's own of one thread.
 * @param {import('../types.js').Kit} kit
 * @param {import('../types.js').Context} context
 * @param {import('../types.js').Owning} thread
 */
export function own({button, t, adopt, explain, secret}, {service, place, emit}, thread) {
  const {comments, fresh, amend, take, paint, tell} = thread
  adopt(css)
  /** Votes are sent one after the other, for the last one to count. */
  let sent = Promise.resolve()
  /** What the service has of them, and how often each was pressed. @type {Map<string, {value: number, presses: number}>} */
  const votes = new Map()
  /** Whose own is shown. @type {string | undefined} */
  let shown
  return {show, reread, press, controls, minutesLeft, editLabel: (/** @type {number} */ n) => editLabel(t, n)}

  /**
   * Shows what waits for approval, what can be changed, what was voted.
   * @param {string} reader their secret @param {boolean} [isAnother] than the one before
   */
  async function show(reader, isAnother) {
    const before = shown
    shown = reader
    const known = [...comments.keys()]
    // Without an answer the thread is there; what waits will show at the next visit.
    const mine = await service.get('me/comments', {}, reader).catch(() => undefined)
    if (shown !== reader) return
    // Who was there before takes theirs along. Where nobody was, it may be this reader's, just sent.
    if (isAnother && (before || mine)) known.forEach(forget)
    if (!mine) return paint()
    for (const {replies_next, ...comment} of mine.comments) {
      // What it answers may be in a part of the thread that is not here: then it stands for itself,
      // or its author would take it for lost.
      if (!comments.has(comment.parent) && comment.state === 'pending') comment.parent = null
      take(comments, [comment])
    }
    for (const [id, vote] of Object.entries(mine.votes)) know(id, 'vote', vote)
    for (const [id, names] of Object.entries(mine.reactions)) {
      for (const name of names) know(id, name, 1)
    }
    for (const {id} of mine.comments) fresh.delete(id)
    paint()
  }

  /** After somebody has signed in or out. */
  async function reread() {
    const reader = secret(place)
    if (reader !== shown) await show(reader, true)
  }

  /** Leaves of a comment what everybody is told. @param {string} id */
  function forget(id) {
    const {text, revision, can_edit, edit_until, mine, undo, wrong, ...told} = /** @type {Kept} */ (comments.get(id))
    if (told.state === 'pending') comments.delete(id)
    else comments.set(id, told)
    votes.clear()
  }

  /** Remembers a vote or reaction that is counted already. @param {string} id @param {string} sign @param {number} value */
  function know(id, sign, value) {
    const comment = comments.get(id)
    if (comment) comment.mine = {...comment.mine, [sign]: value}
  }

  /**
   * The author's own controls. Undo stands where Remove stood, and has its name: so it has the focus.
   * @param {import('../types.js').Look} look
   * @param {() => void} edit
   */
  function controls({comment: {id, undo}, canEdit, form}, edit) {
    return [
      canEdit && button('act', '', edit, {name: 'edit', ariaExpanded: `${form === 'edit'}`}),
      canEdit && button('act', t('remove'), () => remove(id), {name: 'remove'}),
      undo && button('act', t('undo'), () => restore(id), {name: 'remove'}),
    ]
  }

  /** @param {string} id */
  function remove(id) {
    return act(id, 'DELETE', '', ({comment}) =>
      ({...comment, undo: setTimeout(() => amend(id, {undo: false}), UNDO)}))
  }

  /** @param {string} id */
  function restore(id) {
    // It may be removed once more, with a minute of its own.
    return act(id, 'POST', '/restore', ({comment}) =>
      ({...comment, undo: clearTimeout(/** @type {number} */ (comments.get(id)?.undo))}))
  }

  /**
   * Shows a vote or reaction at once and sends it after those before; when the last one fails, what
   * the service has is shown again.
   * @param {string} id @param {string} sign @param {number} value
   */
  function press(id, sign, value) {
    const comment = /** @type {Kept} */ (comments.get(id))
    const key = `${id} ${sign}`
    const known = votes.get(key) ?? {value: comment.mine?.[sign] ?? 0, presses: 0}
    const turn = ++known.presses
    votes.set(key, known)
    amend(id, cast(comment, sign, value))
    const [path, said] = sign === 'vote' ? ['/vote', {value}] : [`/reactions/${sign}`, {on: !!value}]
    // Of what was pressed before the last one, nothing is shown: it would go back and forth.
    const settled = () => turn === known.presses ? cast(comments.get(id) ?? comment, sign, known.value) : {}
    sent = sent.then(() => act(id, 'PUT', path, () => {
      known.value = value
      const {score, up, reactions, mine} = /** @type {Kept} */ ({...comments.get(id), ...settled()})
      tell({id, score, up, reactions, mine})
      return settled()
    }, said, settled))
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
      const answer = await service.send(method, `comments/${id}${path}`, said, secret(place))
      amend(id, {wrong: undefined, ...change(answer)})
    } catch (error) {
      const failure = /** @type {Failure} */ (error)
      amend(id, {wrong: explain(failure, Number(failure.seconds ?? 60)), ...undo?.()})
      emit('error', failure)
    }
  }
}
