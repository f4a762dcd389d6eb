// @ts-check
/** @typedef {import('./types.js').Failure} Failure */

const TIMEOUT = 20_000

/**
 * The service, asked about one page.
 * @param {string} base the service's address, with its last slash
 * @param {{url: string, page: string}} page
 * @param {AbortSignal} stop
 */
export function api(base, {url, page}, stop) {
  return {get, post}

  /**
   * @param {string} path
   * @param {Record<string, any>} [asked] what is empty is left out, so that caches see one address
   * @param {string} [secret]
   */
  function get(path, asked, secret) {
    const query = Object.entries({url, page, ...asked}).filter(([, value]) => value)
    return ask(`${path}?${new URLSearchParams(query)}`, secret ? {headers: bearer(secret)} : {})
  }

  /**
   * @param {object} draft @param {string} key @param {string} secret
   * @returns {Promise<{comment: import('./types.js').Comment, token: string | null}>}
   */
  function post(draft, key, secret) {
    return ask('comments?', {
      method: 'POST',
      headers: {...bearer(secret), 'Content-Type': 'application/json', 'Idempotency-Key': key},
      body: JSON.stringify({url, page, ...draft}),
    })
  }

  /** Rejects with a Failure. @param {string} path @param {RequestInit} init */
  async function ask(path, init) {
    const timeout = AbortSignal.timeout(TIMEOUT)
    const signal = AbortSignal.any?.([timeout, stop]) ?? timeout
    let response, answer
    try {
      response = await fetch(`${base}api/v1/${path}`, {credentials: 'omit', signal, ...init})
      answer = await response.json()
    } catch {
      throw failed(
        stop.aborted ? 'aborted'
        : timeout.aborted ? 'timeout'
        : response ? 'server' // something came, but no JSON: a proxy on the way spoke
        : navigator.onLine ? 'network'
        : 'offline',
      )
    }
    const {ok, status, headers} = response
    if (ok) return answer
    throw failed(status < 500 ? answer.code : 'server', {
      ...answer, status, seconds: headers.get('Retry-After'),
    })
  }
}

/** @param {string} code @param {object} [said] @returns {Failure} */
function failed(code, said) {
  return Object.assign(new Error(code), {fields: {}, ...said, code})
}

/** @param {string} secret */
function bearer(secret) {
  return {Authorization: 'Bearer ' + secret}
}
