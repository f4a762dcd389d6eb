// @ts-check
import {base} from './script.js'
import {learn} from './messages.js'

/**
 * A part: what only some readers need, loaded when the first of them does. Its address names the
 * build, which is this script's.
 * @param {string} name
 * @returns {Promise<any>} the module; rejects when it cannot be had, and then all else works on
 */
export async function part(name) {
  const module = await import(`${base}parts/${BUILD}/${name}.js`)
  learn(module.words)
  return module
}
