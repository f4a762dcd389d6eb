// @ts-check
// What could not be sent, of all forms but the one at the top: taken up again wherever the reader is,
// loaded when something waits.

/** @typedef {import('../types.js').Comment} Comment @typedef {import('../types.js').Form} Form */

/**
 * Opens the forms of what waits, which send it. What it answers may be in a part of the thread that
 * is not here.
 * @param {import('../types.js').Kit} kit
 * @param {import('../types.js').Context} context
 * @param {import('../types.js').Answering} thread
 */
export async function resume({recall, remember}, {service, place}, {comments, places, take, open, write, upper}) {
  const queue = `queued:${place}`
  /** @type {[string, Form][]} */
  const waiting = Object.entries(recall(queue) ?? {})
  for (const [id, kind] of waiting) {
    try {
      if (!comments.has(id)) take(comments, (await service.get('thread', {around: id})).comments)
    } catch {
      // At the next visit.
      continue
    }
    if (!comments.has(id)) surrender(id, kind)
    else places.get(id)?.form || open(id, kind, true)
  }

  /** What it was about is gone: it becomes a draft of the form at the top. @param {string} id @param {Form} kind */
  function surrender(id, kind) {
    const from = `draft:${place}:${kind}${id}`
    const to = `draft:${place}:comment`
    // Nothing is added to what somebody writes, or what may have arrived: there will be a next visit.
    if (upper.form.name || recall(to)?.key) return
    remember(to, {...recall(to), text: [recall(to)?.text, recall(from)?.text].filter(Boolean).join('\n\n')})
    remember(from, '')
    const {[id]: _, ...others} = recall(queue) ?? {}
    remember(queue, Object.keys(others)[0] && others)
    write()
  }
}
