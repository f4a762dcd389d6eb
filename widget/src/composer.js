// @ts-check
import {button, h} from './dom.js'
import {randomKey, recall, remember} from './remember.js'
import {t} from './messages.js'

const SAVE_AFTER = 300
/** The fields of a writer, in the order of the form. @type {['name', 'email', 'website']} */
const WRITER = ['name', 'email', 'website']

/**
 * The form for a comment, or for what is said to or about one: a reply, a new text. It keeps what
 * is typed: in the browser's storage until the server has said yes.
 * @param {import('./types.js').Context} context
 * @param {{kind: import('./types.js').Form, id?: string, name?: string, text?: string,
 *   send: (draft: import('./types.js').Draft, key: string) => Promise<void>, close?: () => void}} given
 *   `id` and `name` of the comment that it is about, the `text` to begin with
 */
export function composer(context, {kind, id = '', name: about, text: old = '', send: deliver, close}) {
  const {writer} = context
  const isEdit = kind === 'edit'
  const place = `draft:${context.place}:${kind}${id}`
  let {text: draft = '', key = ''} = recall(place) ?? {}
  let saving = 0
  let waiting = 0

  const title = t('title_' + kind, {name: about})
  const fields = {
    text: field('text', title, h('textarea.input', {rows: 3, dir: 'auto', value: draft || old})),
    name: field('name', t('name'), h('input.input', {autocomplete: 'name'})),
    email: field('email', t('email'), h('input.input', {autocomplete: 'email', type: 'email'})),
    website: field('website', t('website'), h('input.input', {autocomplete: 'url', inputMode: 'url'})),
  }
  for (const name of WRITER) fields[name].control.value = writer[name]
  const text = fields.text.control
  // Said while typing, when the text grows too long.
  fields.text.wrong.ariaLive = 'polite'
  // People neither see nor reach it: what fills it in is no person.
  const trap = h('input', {name: 'contact_time', hidden: true})
  const restored = h('p.soft', draft && t('restored'))
  const tick = h('input', {type: 'checkbox', checked: Boolean(recall('writer'))})
  const notify = h('input', {type: 'checkbox'})
  const mails = h('label.soft', notify, t('notify'))
  const refusal = h('p.error', {role: 'alert'})
  const words = h('span')
  const submit = h('button.button primary', {title: 'Ctrl+Enter'}, words)
  const form = h(close || draft ? 'form.composer open' : 'form.composer',
    {name: kind, noValidate: true, ariaLabel: title, onsubmit: send, onkeydown: press, oninput: change},
    fields.text.box,
    h('p.soft', t('markdown')),
    restored,
    !isEdit && h('div.writer', ...WRITER.map((name) => fields[name].box)),
    trap,
    refusal,
    h('div.foot', !isEdit && mails, !isEdit && h('label.soft', tick, t('remember')), close && button('act', t('cancel'), close), submit))
  configure()
  busy(false)
  return {form, configure, focus: () => text.focus()}

  /**
   * A labelled control with room for a sentence about what is wrong with it.
   * @param {string} name
   * @param {string} label
   * @param {HTMLInputElement | HTMLTextAreaElement} control
   */
  function field(name, label, control) {
    const note = h('span')
    const wrong = h('p.error', {id: `wrong-${name}-${id}`})
    control.setAttribute('aria-describedby', wrong.id)
    control.onfocus = () => {
      form.classList.add('open')
      context.prepare()
    }
    return {box: h('div.field', h('label', h('span.label', label, note), control), wrong), control, note, wrong}
  }

  /** Takes over the site's choices once they are known. */
  function configure() {
    for (const name of WRITER) {
      fields[name].note.textContent = context.site[`require_${name}`] ? '' : t('optional')
    }
    mails.hidden = !context.site.can_mail
    count()
  }

  function count() {
    // Characters as the server counts them: an emoji is one, not two.
    const over = [...text.value].length - context.site.max_length
    return (fields.text.wrong.textContent = over > 0 ? t('too_many', {n: over}) : '')
  }

  function change() {
    for (const name of WRITER) writer[name] = fields[name].control.value
    clearTimeout(saving)
    saving = setTimeout(save, SAVE_AFTER)
  }

  /** Keeps the draft, and counts: at each key, a screen reader would drown the typing. */
  function save() {
    clearTimeout(saving)
    draft = text.value
    remember(place, draft && {text: draft, key})
    return count()
  }

  /** @param {KeyboardEvent} event */
  function press(event) {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) send(event)
    if (event.key === 'Escape' && text.value.trim() === old) close?.()
  }

  /** @param {Event} event */
  async function send(event) {
    event.preventDefault()
    /** @type {Record<string, string>} */
    const lacking = {text: text.value.trim() ? save() : t('no_text')}
    for (const name of WRITER) {
      if (!isEdit && context.site[`require_${name}`] && !writer[name].trim()) lacking[name] = t('no_' + name)
    }
    if (text.readOnly || refuse(lacking)) return
    key ||= randomKey()
    save()
    busy(true)
    try {
      await deliver({text: draft, author: writer, id, trap: trap.value, notify: notify.checked}, key)
      remember('writer', tick.checked && writer)
      restored.textContent = text.value = key = ''
      save()
      form.classList.remove('open')
      close?.()
    } catch (error) {
      const failure = /** @type {import('./types.js').Failure} */ (error)
      const {status = 0, fields} = failure
      // The server has looked at it and said no. Anything else may still have arrived: then the
      // same key makes sure that it arrives once.
      if (status >= 400 && status < 500 && status !== 429) key = ''
      save()
      if (!refuse(fields)) countDown(failure, Number(failure.seconds ?? 60))
      context.emit('error', failure)
    }
    busy(false)
  }

  /**
   * Says what failed. The seconds that have to pass go by without being read out each.
   * @param {import('./types.js').Failure} failure
   * @param {number} seconds
   */
  function countDown(failure, seconds) {
    refusal.textContent = explain(failure, seconds)
    if (seconds > 1) {
      waiting = setTimeout(() => {
        refusal.ariaLive = 'off'
        countDown(failure, seconds - 1)
      }, 1000)
    }
  }

  /**
   * Puts each sentence at its field and goes to the first; answers whether there was one.
   * @param {Record<string, string>} wrong
   */
  function refuse(wrong) {
    clearTimeout(waiting)
    refusal.textContent = ''
    refusal.ariaLive = null
    let first
    for (const [name, field] of Object.entries(fields).reverse()) {
      field.wrong.textContent = wrong[name]
      field.control.ariaInvalid = wrong[name] ? 'true' : null
      if (wrong[name]) first = field.control
    }
    first?.focus()
    return first
  }

  /** @param {boolean} now */
  function busy(now) {
    text.readOnly = now
    // Not `disabled`: that would throw the focus off the page.
    submit.ariaDisabled = now ? 'true' : null
    words.textContent = t(now ? 'sending' : 'send_' + kind)
  }
}

/**
 * Why something failed, in words for the one who can act on it.
 * @param {import('./types.js').Failure} failure
 * @param {number} [n] seconds until it may be tried again
 */
export function explain({code, detail}, n = 60) {
  return t('failed_' + code, {n}) || detail || t('failed_server')
}
