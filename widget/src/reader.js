// @ts-check
import {randomKey, recall, remember} from './remember.js'
import {base} from './script.js'

const AT = `secret:${base.host}`
/** Where nothing can be kept, at least as long as the page is open. @type {string} */
let held

/**
 * The reader's secret, the same for all they do on this site.
 * @param {string} place of the page, where there is something of theirs from now on
 */
export function secret(place) {
  held = recall(AT) ?? held ?? randomKey()
  // Before it is sent: if the answer is lost, the next try must come from the same author.
  remember(AT, held)
  remember(`posted:${place}`, true)
  return held
}

/** The secret of a reader who has done something on this page. @param {string} place @returns {string | undefined} */
export function known(place) {
  return recall(`posted:${place}`) && recall(AT)
}
