// @ts-check
import {t} from './messages.js'

/**
 * Why something failed, in words for the one who can act on it.
 * @param {Pick<import('./types.js').Failure, 'code' | 'detail' | 'seconds'>} failure
 * @param {number | string} [n] seconds until it may be tried again
 */
export function explain({code, detail, seconds}, n = seconds || 60) {
  return t('failed_' + code, {n}) || detail || t('failed_server')
}
