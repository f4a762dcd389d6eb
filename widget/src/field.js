// @ts-check
import {h} from './dom.js'

/**
 * A labelled control with room for a sentence about what is wrong with it.
 * @param {string} label
 * @param {HTMLInputElement | HTMLTextAreaElement} control
 * @param {string} id of its own in the thread
 */
export function field(label, control, id) {
  const hint = h('span')
  const wrong = h('p.error', {id})
  control.setAttribute('aria-describedby', id)
  return {box: h('div.field', h('label', h('span.label', label, hint), control), wrong), control, hint, wrong}
}

/**
 * A form that is only a field so far: all else comes with the part for those who write.
 * @param {string} title @param {string} id
 */
export function shell(title, id) {
  const text = h('textarea.input', {rows: 3, dir: 'auto'})
  const whole = field(title, text, `wrong-text-${id}`)
  const form = h('form.composer', {noValidate: true, ariaLabel: title}, whole.box)
  return {...whole, form, text}
}
