// @ts-check
import {button} from './dom.js'
import {t} from './messages.js'

const MINUTE = 60_000

/**
 * How many minutes are left to change a comment: 0 for none, Infinity when nothing presses.
 * @param {import('./types.js').Kept} comment
 * @param {number} now
 */
export function minutesLeft({can_edit, edit_until}, now) {
  if (!can_edit) return 0
  return edit_until ? Math.max(0, Math.ceil((Date.parse(edit_until) - now) / MINUTE)) : Infinity
}

/** What the control to edit says: no hours, they press nobody. @param {number} n minutes */
export function editLabel(n) {
  return t(n > 60 ? 'edit' : 'edit_left', {n})
}

/**
 * The author's own controls. Undo stands where Remove stood, and has its name: so it has the focus.
 * @param {import('./types.js').Look} look
 * @param {import('./types.js').Acts} acts
 */
export function ownControls({comment, canEdit, form}, acts) {
  return [
    canEdit && button('act', '', () => acts.open('edit'), {name: 'edit', ariaExpanded: `${form === 'edit'}`}),
    canEdit && button('act', t('remove'), acts.remove, {name: 'remove'}),
    comment.undo && button('act', t('undo'), acts.restore, {name: 'remove'}),
  ]
}
