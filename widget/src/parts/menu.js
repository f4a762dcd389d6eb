// @ts-check
// What can be done about a comment beside answering it, loaded when somebody first asks for it:
// its address, the comment that it answers, a report; for who moderates, a window of the service.

import css from './menu.css'
import forms from './forms.css'

export const words = WORDS

/** Why a comment can be reported, as the service knows it. */
const REASONS = ['spam', 'abuse', 'off-topic', 'other']
/** The service's address: this file is two folders below it. */
const SERVICE = new URL('../../', import.meta.url)

/**
 * Whether somebody moderates in this browser: the desk's link to the page says so, once. It opens no
 * door, it only shows where one is: the window asks who it is, and nothing of that gets in here.
 * @param {import('../types.js').Kit} kit
 */
function moderates({recall, remember}) {
  const said = /^#afterword-moderate(=off)?$/.exec(location.hash)
  if (said) remember('moderate', !said[1])
  return !!recall('moderate')
}

/**
 * The menu of a comment, to be placed below it.
 * @param {import('../types.js').Kit} kit
 * @param {import('../types.js').Context} context
 * @param {{comment: import('../types.js').Kept, link: string, name: string, close: () => void,
 *   go: (id: string) => void}} given `name` of the author; `go` to another comment
 */
export function menu(kit, {service, place}, {comment: {id, parent, text, author}, link, name, close, go}) {
  const {h, button, t, adopt, explain, secret} = kit
  adopt(css)
  adopt(forms)
  const status = h('p.soft', {role: 'status'})
  status.classList.add('said')
  const acts = h('div.acts',
    button('act', t('menu_copy'), copy),
    navigator.share != null && button('act', t('menu_share'), () => navigator.share({url: link}).catch(() => {})),
    parent && button('act', t('menu_parent'), () => go(parent)),
    // Neither one's own comment nor the owner's is reported.
    text == null && !author?.is_moderator && button('act', t('menu_report'), ask, {ariaExpanded: 'false'}),
    moderates(kit) && button('act', t('menu_moderate'), moderate),
    button('act', t('menu_close'), () => close()))
  const form = h('div.menu', {role: 'group', ariaLabel: t('more_about', {name}),
    onkeydown: press}, acts, status)
  return {form, close, focus: () => acts.querySelector('button')?.focus()}

  /** @param {KeyboardEvent} event */
  function press({key, isComposing, ctrlKey, metaKey}) {
    const report = form.querySelector('form')
    const note = report?.querySelector('textarea')
    // What somebody has said goes only with a button.
    if (key === 'Escape' && !note?.value && !report?.querySelector(':checked')) close()
    if (key === 'Enter' && !isComposing && (ctrlKey || metaKey)) report?.requestSubmit()
  }

  function moderate() {
    window.open(new URL(`admin/comments/${id}/here`, SERVICE), 'afterword-moderate', 'popup,width=520,height=680')
  }

  async function copy() {
    try {
      await navigator.clipboard.writeText(link)
      status.textContent = t('menu_copied')
    } catch {
      // Not allowed here: then it is shown, to be copied by hand.
      const shown = h('input.input', {value: link, readOnly: true, ariaLabel: t('menu_copy')})
      status.replaceChildren(shown)
      shown.select()
    }
  }

  function ask() {
    const wrong = h('p.error', {role: 'alert'})
    const note = h('textarea.input', {rows: 2, maxLength: 500, dir: 'auto'})
    const choices = REASONS.map((reason) =>
      h('label', h('input', {type: 'radio', name: 'reason', value: reason, required: true}), t('menu_' + reason)))
    const asked = h('form.report', {onsubmit: send, ariaLabel: t('menu_report_of', {name})},
      h('fieldset', h('legend.label', t('menu_why')), ...choices),
      h('label', h('span.label', t('menu_note'), h('span', t('menu_optional'))), note),
      wrong,
      h('div.foot', button('act', t('menu_close'), () => close()), h('button.button primary', h('span', t('menu_send')))))
    acts.replaceWith(asked)
    choices[0].querySelector('input')?.focus()

    /** @param {Event} event */
    async function send(event) {
      event.preventDefault()
      const reason = /** @type {HTMLInputElement} */ (asked.querySelector(':checked')).value
      try {
        await service.send('POST', `comments/${id}/report`, {reason, note: note.value}, secret(place))
        asked.replaceWith(h('div.acts', button('act', t('menu_close'), () => close())))
        status.textContent = t('menu_reported')
        form.querySelector('button')?.focus()
      } catch (error) {
        wrong.textContent = explain(/** @type {import('../types.js').Failure} */ (error))
      }
    }
  }
}
