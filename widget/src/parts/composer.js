// @ts-check
import css from './write.css'
import {quotation} from './quotation.js'
import {sending} from './sending.js'
import * as tools from './tools.js'

const SAVE_AFTER = 300
/** The fields of a writer, in the order of the form. @type {['name', 'email', 'website']} */
const WRITER = ['name', 'email', 'website']

/**
 * Makes a whole form of one that is only a field, for a comment or what is said to or about one: a
 * reply, a new text. It keeps what is typed: in the browser's storage until the server has said yes.
 * @param {import('../types.js').Kit} kit
 * @param {import('../types.js').Context} context
 * @param {import('../types.js').Shell | undefined} given none for a form of our own
 * @param {import('../types.js').About} about
 */
export function composer(kit, context, given, {kind, comment, name: answered, quoted, close}) {
  const {h, button, t, randomKey, recall, remember, explain} = kit
  const shell = given ?? kit.shell(t('write_title_' + kind, {name: answered}), comment?.id ?? '')
  const {form, text} = shell
  const {writer} = context
  const {prepare, post, change} = sending(kit, context)
  const isEdit = kind === 'edit'
  const id = comment?.id ?? ''
  const old = (isEdit && comment?.text) || ''
  const place = `draft:${context.place}:${kind}${id}`
  const queue = `queued:${context.place}`
  let {text: draft = '', key = '', queued = false} = recall(place) ?? {}
  let saving = 0
  let waiting = 0

  kit.adopt(css)
  text.value ||= draft || old || quotation(quoted)
  // Said while typing, when the text grows too long.
  shell.wrong.ariaLive = 'polite'
  const about = h('p.soft', {id: `about-email-${id}`}, t('write_about_email'))
  const fields = {
    text: shell,
    name: field('name', {autocomplete: 'name'}),
    email: field('email', {autocomplete: 'email', type: 'email'}),
    website: field('website', {autocomplete: 'url', inputMode: 'url'}),
  }
  fields.email.box.append(about)
  // People neither see nor reach it: what fills it in is no person.
  const trap = h('input', {name: 'contact_time', hidden: true})
  const restored = h('p.soft', draft && t('write_restored'))
  const tick = h('input', {type: 'checkbox', checked: Boolean(recall('writer'))})
  const notify = h('input', {type: 'checkbox'})
  const mails = h('label.soft', notify, t('write_notify'))
  const left = h('p.soft left', {ariaHidden: 'true'})
  const refusal = h('p.error', {role: 'alert'})
  const words = h('span')
  const submit = h('button.button primary', {title: tools.keys('Enter')}, words)
  const bar = h('div.tools')
  Object.assign(form, {name: kind, onsubmit: send, onkeydown: press, oninput: changed})
  form.append(
    bar,
    h('div.hints', h('p.soft', t('write_markdown')), left),
    restored,
    ...(isEdit ? [] : [h('div.writer', ...WRITER.map((name) => fields[name].box))]),
    trap,
    refusal,
    h('div.foot',
      !isEdit && mails,
      !isEdit && h('label.soft', tick, t('write_remember')),
      close && button('act', t('write_cancel'), close),
      submit))
  form.classList.add('open')
  const {reset} = tools.equip(kit, {text, bar, form}, async (text) =>
    (await context.service.send('POST', 'preview', {text}, '')).html)
  configure()
  busy()
  prepare()
  if (queued) again()
  return {form, configure, focus: () => text.focus(), close}

  /** @param {'name' | 'email' | 'website'} name @param {object} look */
  function field(name, look) {
    const control = h('input.input', {value: writer[name], ...look})
    return kit.field(t('write_' + name), control, `wrong-${name}-${id}`)
  }

  /** Takes over the site's choices once they are known. */
  function configure() {
    for (const name of WRITER) {
      fields[name].note.textContent = context.site[`require_${name}`] ? '' : t('write_optional')
    }
    mails.hidden = !context.site.can_mail
    count()
  }

  function count() {
    // Characters as the server counts them: an emoji is one, not two.
    const n = context.site.max_length - [...text.value].length
    left.textContent = n >= 0 && n < context.site.max_length / 10 ? t('write_left', {n}) : ''
    return (shell.wrong.textContent = n < 0 ? t('write_too_many', {n: -n}) : '')
  }

  function changed() {
    for (const name of WRITER) writer[name] = fields[name].control.value
    clearTimeout(saving)
    saving = setTimeout(save, SAVE_AFTER)
  }

  /** Keeps the draft, and counts: at each key, a screen reader would drown the typing. */
  function save() {
    clearTimeout(saving)
    draft = text.value
    remember(place, draft && {text: draft, key, queued})
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
    const lacking = {text: text.value.trim() ? save() : t('write_no_text')}
    for (const name of WRITER) {
      if (!isEdit && context.site[`require_${name}`] && !writer[name].trim()) lacking[name] = t('write_no_' + name)
    }
    if (text.readOnly || refuse(lacking)) return
    key ||= randomKey()
    save()
    busy(t('write_sending'))
    try {
      const said = {text: draft, author: writer, id, trap: trap.value, notify: notify.checked}
      const stored = await (isEdit ? change(said) : post(said, key, busy))
      context.settle(stored, isEdit)
      remember('writer', tick.checked && writer)
      remember(queue, '')
      restored.textContent = text.value = key = ''
      queued = false
      save()
      if (close) close()
      else form.classList.remove('open')
      reset()
    } catch (error) {
      const failure = /** @type {import('../types.js').Failure} */ (error)
      const {status = 0, fields, code} = failure
      // The server has looked at it and said no. Anything else may still have arrived: then the
      // same key makes sure that it arrives once.
      if (status >= 400 && status < 500 && status !== 429) key = ''
      queued = code === 'offline'
      if (queued) remember(queue, {kind, id})
      save()
      if (!refuse(fields)) countDown(failure, Number(failure.seconds ?? 60))
      context.emit('error', failure)
      if (queued) again()
    }
    busy()
  }

  /** Sends what was written without a connection, as soon as there is one: also after a reload. */
  function again() {
    refusal.textContent = t('write_queued')
    form.classList.add('open')
    const retry = () => form.isConnected && queued && form.requestSubmit()
    if (navigator.onLine) setTimeout(retry)
    else addEventListener('online', retry, {once: true})
  }

  /**
   * Says what failed. The seconds that have to pass go by without being read out each.
   * @param {import('../types.js').Failure} failure
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

  /** @param {string} [doing] what is being done, for the button to say; nothing when it is done */
  function busy(doing) {
    text.readOnly = !!doing
    // Not `disabled`: that would throw the focus off the page.
    submit.ariaDisabled = doing ? 'true' : null
    words.textContent = doing || t('write_send_' + kind)
  }
}
