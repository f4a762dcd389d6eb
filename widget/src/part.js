// @ts-check
import {base} from './script.js'
import {learn} from './messages.js'

/**
 * A part: what only some readers need, loaded when the first of them does. Its address names its
 * bytes, so it is of the same build as this script.
 * @param {string} name
 * @returns {Promise<any>} the module; rejects when it cannot be had, and then all else works on
 */
export async function part(name) {
  const module = await import(`${base}parts/${PARTS[name]}/${name}.js`)
  learn(module.words)
  return module
}
