// @ts-check
import {base} from './script.js'

const TIMEOUT = 20_000

/**
 * The service, asked about one page.
 * @param {{url: string, page?: string}} page
 * @param {AbortSignal} stop
 */
export function api({url, page}, stop) {
  return {get, send}

  /**
   * @param {string} path
   * @param {Record<string, any>} [asked] what is empty is left out, so that caches see one address
   * @param {string} [secret]
   */
  function get(path, asked, secret) {
    /** @type {[string, any][]} */
    const query = Object.entries({url, page, ...asked}).filter(([, value]) => value)
    return ask(`${path}?${new URLSearchParams(query)}`, /** @type {RequestInit} */ (secret && {headers: bearer(secret)}))
  }

  /**
   * Rejects with a Failure.
   * @param {string} method @param {string} path @param {object | undefined} said
   * @param {string} secret
   * @param {string} [key] lets it be sent again
   * @returns {Promise<any>}
   */
  function send(method, path, said, secret, key = '') {
    return ask(path, {
      method,
      keepalive: method === 'PUT', // a vote is sent though its reader goes on at once
      headers: {...bearer(secret), 'Content-Type': 'application/json', 'Idempotency-Key': key},
      body: JSON.stringify(said),
    })
  }

  /** Rejects with a Failure. @param {string} path @param {RequestInit} [init] */
  async function ask(path, init) {
    // Without, it may take as long as the browser likes. A vote outlives the thread that it was given in.
    const limit = AbortSignal.timeout?.(TIMEOUT)
    const signal = init?.keepalive ? limit : AbortSignal.any?.([limit, stop]) ?? stop
    let response, said
    // Asked anew, though what is kept may still be good (a 304 then): who reloads wants to see what is new.
    try {
      response = await fetch(`${base}api/v1/${path}`, {credentials: 'omit', cache: 'no-cache', signal, ...init})
      said = await response.json()
      if (response.ok) return said
      if (response.status >= 500) said.code = 'server'
    } catch (error) {
      said = {
        code: response ? 'server' // something came, but no JSON: a proxy on the way spoke
        : !navigator.onLine ? 'offline'
        : /** @type {Error} */ (error).name === 'TimeoutError' ? 'timeout'
        : 'network',
      }
    }
    throw Object.assign(new Error(said.code), {
      fields: {},
      ...said,
      status: response?.status,
      seconds: response?.headers.get('Retry-After'),
    })
  }
}

/** @param {string} secret */
function bearer(secret) {
  return {Authorization: 'Bearer ' + secret}
}
