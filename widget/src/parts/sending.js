// @ts-check
/** @typedef {import('../types.js').Comment} Comment @typedef {import('../types.js').Draft} Draft */

/** A form token is good for a day; after half of it a new one is fetched. */
const FORM_LIFE = 12 * 60 * 60 * 1000

/** One for a thread: its forms share the token. @type {WeakMap<object, {form: string, min_seconds: number, opened: number}>} */
const tokens = new WeakMap()

/**
 * What a reader sends: comments and new texts, with all that the service wants to know beside them.
 * @param {import('../types.js').Kit} kit
 * @param {import('../types.js').Context} context
 */
export function sending({t, secret, part}, context) {
  const {service, options, place} = context
  return {prepare, post, change, latest}

  /** Fetches a form token, which says that somebody began to write here, and when. */
  async function prepare() {
    if (Date.now() - (tokens.get(context)?.opened ?? 0) < FORM_LIFE) return
    try {
      tokens.set(context, {...(await service.get('form')), opened: Date.now()})
    } catch {
      // Asked again when sending. Without a token the server decides by its own rules.
    }
  }

  /** @param {Draft} draft @param {string} key @param {(doing: string) => void} say @returns {Promise<Comment>} */
  async function post({id: parent, ...draft}, key, say) {
    await prepare()
    const token = tokens.get(context)
    // What comes faster than people type would be held for review: wait instead of the reader.
    const ready = token ? token.opened + token.min_seconds * 1000 : 0
    await new Promise((done) => setTimeout(done, ready - Date.now()))
    // By now a router has said how the page is called.
    const {url, page, title = document.title} = options
    const said = {url, page, title, parent, ...draft, form: token?.form}
    const send = (/** @type {object} */ said) => service.send('POST', 'comments', said, secret(place), key)
    const {comment} = await send(said).catch(async (failure) => {
      // What looks suspicious costs the browser a second of work, not the reader a riddle.
      if (!failure.challenge) throw failure
      const {solve} = await part('challenge').catch(() => {
        throw Object.assign(failure, {code: 'network', status: 0})
      })
      return send({...said, challenge: await solve(failure.challenge, (/** @type {number} */ n) =>
        say(t('write_check', {n: Math.round(n * 100)})))})
    })
    return comment
  }

  /** @param {Draft} draft @returns {Promise<Comment>} */
  async function change({id, text, revision}) {
    return (await service.send('PATCH', `comments/${id}`, {text, revision}, secret(place))).comment
  }

  /** A comment of the reader's as it is by now, if it is there. @param {string} id @returns {Promise<Comment | undefined>} */
  async function latest(id) {
    const {comments} = await service.get('me/comments', {}, secret(place))
    return comments.find((/** @type {Comment} */ comment) => comment.id === id)
  }
}
