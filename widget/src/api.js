// @ts-check
/** @typedef {import('./types.js').Comment} Comment */

const TIMEOUT = 20_000

/** Why a request failed: a code that messages are keyed by, and what the server said. */
export class Failure extends Error {
  status = 0
  detail = ''
  /** @type {Record<string, string>} */
  fields = {}
  seconds = 60

  /** @param {string} code @param {Partial<Failure>} said */
  constructor(code, said = {}) {
    super(code)
    Object.assign(this, said)
    this.code = code
  }
}

/**
 * The service, asked about one page. Every call rejects with a Failure.
 * @param {string} base the service's address, with its last slash
 * @param {{url: string, page: string}} page
 * @param {AbortSignal} stop
 */
export function api(base, {url, page}, stop) {
  const about = page ? {url, page} : {url}
  return {
    /** @param {object} slice @returns {Promise<import('./types.js').Thread>} */
    thread: (slice) => ask('thread', {...about, ...slice}),
    /** @param {string} id @param {string} after @returns {Promise<{comments: Comment[], next: string | null}>} */
    replies: (id, after) => ask(`comments/${id}/replies`, {after}),
    /** @returns {Promise<{form: string, min_seconds: number}>} */
    form: () => ask('form', about),
    /** @param {string} secret @returns {Promise<{comments: Comment[]}>} */
    own: (secret) => ask('me/comments', about, {headers: bearer(secret)}),
    /**
     * @param {object} draft @param {string} key @param {string} secret
     * @returns {Promise<{comment: Comment, token: string | null}>}
     */
    post: (draft, key, secret) =>
      ask('comments', {}, {
        method: 'POST',
        headers: {
          ...bearer(secret),
          'Content-Type': 'application/json',
          'Idempotency-Key': key,
        },
        body: JSON.stringify({...about, ...draft}),
      }),
  }

  /** @param {string} path @param {object} query @param {RequestInit} [init] */
  async function ask(path, query, init) {
    const timeout = AbortSignal.timeout(TIMEOUT)
    const signal = AbortSignal.any?.([timeout, stop]) ?? timeout
    const address = `${base}api/v1/${path}?${new URLSearchParams({...query})}`
    let response, answer
    try {
      response = await fetch(address, {credentials: 'omit', signal, ...init})
      answer = await response.json()
    } catch {
      if (stop.aborted) throw new Failure('aborted')
      if (timeout.aborted) throw new Failure('timeout')
      // Something came, but no JSON: a proxy on the way spoke.
      if (response) throw new Failure('server')
      throw new Failure(navigator.onLine ? 'network' : 'offline')
    }
    const {ok, status, headers} = response
    if (ok) return answer
    const seconds = Number(headers.get('Retry-After')) || 60
    throw new Failure(status < 500 ? answer.code : 'server', {...answer, status, seconds})
  }
}

/** @param {string} secret */
function bearer(secret) {
  return {Authorization: `Bearer ${secret}`}
}
