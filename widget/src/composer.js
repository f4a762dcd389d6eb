// @ts-check
import {button, h} from './dom.js'
import {randomKey, recall, remember} from './remember.js'

const SAVE_AFTER = 300
/** The fields of a writer, in the order of the form. @type {['name', 'email', 'website']} */
const WRITER = ['name', 'email', 'website']

/**
 * The form for a comment, or for a reply when it is told whom it answers. It keeps what is typed:
 * in the browser's storage until the server has said yes.
 * @param {import('./types.js').Context} context
 * @param {{parent?: string, name?: string, close?: () => void}} [answer]
 */
export function composer(context, {parent = '', name: answered = '', close} = {}) {
  const {t, writer} = context
  const place = `draft:${context.place}:${parent}`
  let {text: draft = '', key = ''} = recall(place) ?? {}
  let isSending = false
  let saving = 0

  const fields = {
    text: field('text', h('textarea.input', {rows: 3, dir: 'auto', value: draft})),
    name: field('name', h('input.input', {autocomplete: 'name', maxLength: 60})),
    email: field('email', h('input.input', {autocomplete: 'email', type: 'email'})),
    website: field('website', h('input.input', {autocomplete: 'url', inputMode: 'url'})),
  }
  const text = fields.text.control
  const title = close ? t('replying_to', {name: answered}) : t('text')
  fields.text.label.textContent = title
  for (const name of WRITER) fields[name].control.value = writer[name]

  // People neither see nor reach it; what fills it in is no person (or an eager auto-fill).
  const trap = h('input', {name: 'contact_time', tabIndex: -1, autocomplete: 'off'})
  const excess = h('span.error', {role: 'status'})
  const restored = h('p.soft', {hidden: !draft}, t('restored'), button('act', t('discard'), () => {
    empty()
    text.focus()
  }))
  const tick = h('input', {type: 'checkbox', checked: Boolean(recall('writer'))})
  const refusal = h('p.error', {role: 'alert'})
  const words = h('span')
  const submit = h('button.button primary', {title: t('keys')}, words)
  const form = h('form.composer',
    {noValidate: true, ariaLabel: title, onsubmit: send, onkeydown: press, oninput: change},
    fields.text.box,
    h('div.under soft', h('span', t('markdown')), excess),
    restored,
    h('div.writer', ...WRITER.map((name) => fields[name].box)),
    h('div.trap', {ariaHidden: 'true'}, trap),
    refusal,
    h('div.foot', h('label.soft', tick, t('remember')), close && button('act', t('cancel'), close), submit))
  configure()
  busy(false)
  return {form, configure, focus: () => text.focus()}

  /**
   * A labelled control with room for a sentence about what is wrong with it.
   * @param {string} name
   * @param {HTMLInputElement | HTMLTextAreaElement} control
   */
  function field(name, control) {
    const wrong = h('p.error', {id: `wrong-${name}-${parent}`})
    const label = h('span', t(name))
    const note = h('span.soft')
    control.setAttribute('aria-describedby', wrong.id)
    control.onfocus = context.prepare
    return {box: h('div.field', h('label', h('span.label', label, note), control), wrong), control, label, note, wrong}
  }

  /** Takes over the site's choices once they are known. */
  function configure() {
    const {require_name, require_email} = context.site
    const optional = ' · ' + t('optional')
    fields.name.note.textContent = require_name ? '' : optional
    fields.email.note.textContent = require_email ? ' · ' + t('never_shown') : `${optional}, ${t('never_shown')}`
    fields.website.note.textContent = optional
    count()
  }

  function count() {
    // Characters as the server counts them: an emoji is one, not two.
    const over = [...text.value].length - context.site.max_length
    return (excess.textContent = over > 0 ? t('too_many', {n: over}) : '')
  }

  function change() {
    for (const name of WRITER) writer[name] = fields[name].control.value
    clearTimeout(saving)
    // The count too after a pause, not at each key: a screen reader would drown the typing.
    saving = setTimeout(() => {
      save()
      count()
    }, SAVE_AFTER)
  }

  function save() {
    clearTimeout(saving)
    draft = text.value
    remember(place, draft ? {text: draft, key} : null)
  }

  function empty() {
    restored.hidden = true
    text.value = key = ''
    save()
    count()
  }

  /** @param {KeyboardEvent} event */
  function press(event) {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) send(event)
    if (event.key === 'Escape' && !text.value.trim()) close?.()
  }

  /** @param {Event} event */
  async function send(event) {
    event.preventDefault()
    if (isSending || refuse(lacking())) return
    key ||= randomKey()
    save()
    busy(true)
    const author = {...writer}
    try {
      await context.post({text: draft, author, ...(parent && {parent}), trap: trap.value}, key)
      remember('writer', tick.checked ? author : null)
      empty()
      close?.()
    } catch (error) {
      const failure = /** @type {import('./api.js').Failure} */ (error)
      const {code, status, detail} = failure
      // The server has looked at it and said no. Anything else may still have arrived: then the
      // same key makes sure that it arrives once.
      if (status && status < 500 && status !== 429) key = ''
      save()
      if (!refuse(failure.fields)) refusal.textContent = explain(t, failure)
      context.emit('error', {code, detail})
    }
    busy(false)
  }

  /** What the form lacks, said before the server has to. @returns {Record<string, string | false>} */
  function lacking() {
    const {require_name, require_email} = context.site
    return {
      text: text.value.trim() ? count() : t('no_text'),
      name: require_name && !writer.name.trim() && t('no_name'),
      email: require_email && !writer.email.trim() && t('no_email'),
    }
  }

  /**
   * Puts each sentence at its field and goes to the first; answers whether there was one.
   * @param {Record<string, string | false>} wrong
   */
  function refuse(wrong) {
    refusal.textContent = ''
    /** @type {HTMLElement | undefined} */
    let first
    for (const [name, field] of Object.entries(fields)) {
      field.wrong.textContent = wrong[name] || ''
      field.control.ariaInvalid = wrong[name] ? 'true' : null
      if (wrong[name]) first ??= field.control
    }
    first?.focus()
    return first
  }

  /** @param {boolean} now */
  function busy(now) {
    isSending = text.readOnly = now
    // Not `disabled`: that would throw the focus off the page.
    submit.ariaDisabled = now ? 'true' : null
    words.textContent = t(now ? 'sending' : close ? 'send_reply' : 'send')
  }
}

/**
 * Why something failed, in words for the one who can act on it.
 * @param {import('./types.js').Translate} t
 * @param {import('./api.js').Failure} failure
 */
export function explain(t, {code, detail, seconds}) {
  if (code === 'unknown_site' || code === 'bad_origin') return `${t('for_owner')} ${detail}`
  return t('failed_' + code, {n: seconds}) || detail || t('failed_server')
}
