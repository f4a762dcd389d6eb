// @ts-check
import {t} from './messages.js'

/**
 * Why something failed, in words for the one who can act on it.
 * @param {Pick<import('./types.js').Failure, 'code' | 'detail'>} failure
 * @param {number} [n] seconds until it may be tried again
 */
export function explain({code, detail}, n = 60) {
  return t('failed_' + code, {n}) || detail || t('failed_server')
}
