// @ts-check
import {base} from './script.js'
import {learn} from './messages.js'

/** Behind addresses, once something could not be had: some browsers keep a failure for its address. */
let again = ''

/**
 * A part: what only some readers need, loaded when the first of them does. Its address names the
 * build, which is this script's.
 * @param {string} name
 * @returns {Promise<any>} the module; rejects when it cannot be had, and then all else works on
 */
export async function part(name) {
  try {
    const module = await import(`${base}parts/${BUILD}/${name}.js${again}`)
    learn(module.words)
    return module
  } catch (error) {
    again = `?${Date.now()}`
    throw error
  }
}
