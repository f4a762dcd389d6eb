// @ts-check
import {base} from './script.js'
import {learn} from './messages.js'

/** What stands behind the address of a part that could not be had: some browsers keep a failure for its address. @type {Record<string, string>} */
const again = Object.create(null)

/**
 * A part: what only some readers need, loaded when the first of them does. Its address names the
 * build, which is this script's.
 * @param {string} name
 * @returns {Promise<any>} the module; rejects when it cannot be had, and then all else works on
 */
export async function part(name) {
  try {
    const module = await import(`${base}parts/${BUILD}/${name}.js${again[name] ?? ''}`)
    learn(module.words)
    return module
  } catch (error) {
    again[name] = `?${Date.now()}`
    throw error
  }
}
