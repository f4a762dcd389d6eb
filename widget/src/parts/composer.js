// @ts-check
import forms from './forms.css'
import css from './write.css'
import {quotation} from './quotation.js'
import {sending} from './sending.js'
import * as tools from './tools.js'

const SAVE_AFTER = 300
/** Between two tries to send what has to wait, in ms: at first, and at most. */
const SOON = 2000
const SELDOM = 5 * 60_000
/** After the last key, in ms, a sentence is taken for whole. */
const WHOLE = 5000
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
export async function composer(kit, context, given, about) {
  if (about.kind !== 'edit') return whole(kit, context, given, about)
  // What others have made of it was told without its source. Where that cannot be had, what is here
  // is changed: the service says so when it is another one by now.
  const comment = await sending(kit, context).latest(about.comment?.id ?? '').catch(() => undefined)
  return whole(kit, context, given, {...about, comment: comment ?? about.comment})
}

/** @type {(...given: Parameters<typeof composer>) => any} */
function whole(kit, context, given, {kind, comment, name: answered, row, close}) {
  const {h, button, t, randomKey, recall, remember, explain} = kit
  const shell = given ?? kit.shell(t('write_title_' + kind, {name: answered}), comment?.id ?? '')
  const {form, text} = shell
  const writer = (context.writer ??= {name: '', email: '', website: ''})
  Object.assign(writer, recall('writer'))
  // As long as the site's choices are not known.
  context.site.require_name ??= true
  const {prepare, post, change, latest} = sending(kit, context)
  const isEdit = kind === 'edit'
  const id = comment?.id ?? ''
  const old = (isEdit && comment?.text) || ''
  // Now: with the form, the comment is drawn anew.
  const cited = citation()
  /** What stands in the form before anything is typed. */
  let begun = old || cited
  const place = `draft:${context.place}:${kind}${id}`
  const queue = `queued:${context.place}`
  /** What the browser keeps of this form. */
  let stored = recall(place) ?? {}
  let {text: draft = '', key = '', queued, quote} = stored
  /** Of the text that a new one is made from. @type {string | undefined} */
  const made = isEdit ? stored.revision ?? comment?.revision : undefined
  /** Of the text that a new one takes the place of. */
  let revision = made
  /** The comment that an earlier text of this one has become, when it is to be changed. */
  let earlier = ''
  let saving = 0
  let waiting = 0
  let trying = 0
  let pause = 0
  /** When something was typed since it was sent last. */
  let typed = 0
  /** What it stands in: with a thread that has left the page, nothing is sent. @type {Element | null | undefined} */
  let thread
  /** Ends what it hears of other tabs. */
  const gone = new AbortController()
  const {signal} = gone

  kit.adopt(forms)
  kit.adopt(css)
  // What was typed until all this came stands behind what was there before, where it is not kept yet.
  text.value = [draft || begun, draft && cited ? `\n${cited}` : draft.endsWith(text.value) ? '' : text.value].filter(Boolean).join('\n')
  // Said while typing, when the text grows too long.
  shell.wrong.ariaLive = 'polite'
  const mailed = h('p.soft', {id: `about-${id}`}, t('write_about_email'))
  const fields = {
    text: shell,
    name: field('name', {autocomplete: 'name'}),
    email: field('email', {autocomplete: 'email', type: 'email'}),
    website: field('website', {autocomplete: 'url', inputMode: 'url'}),
  }
  fields.email.box.append(mailed)
  fields.email.control.setAttribute('aria-describedby', `about-${id} wrong-email-${id}`)
  // People neither see nor reach it: what fills it in is no person.
  const trap = h('input', {name: 'contact_time', hidden: true})
  const restored = h('p.soft', draft && t('write_restored'))
  const tick = h('input', {
    type: 'checkbox',
    checked: Boolean(recall('writer')),
    // At once: nothing may be sent any more.
    onchange: () => tick.checked || remember('writer', ''),
  })
  const notify = h('input', {type: 'checkbox', checked: Boolean(queued?.notify)})
  const mails = h('label.soft', notify, t('write_notify'))
  const kept = h('label.soft', tick, t('write_remember'))
  const left = h('p.soft left', {ariaHidden: 'true'})
  const refusal = h('p.error', {role: 'alert'})
  /** What can be done about it. */
  const choices = h('div.acts')
  const who = h('div')
  /** Who is signed in. @type {import('../types.js').Account | undefined} */
  let account
  const words = h('span')
  const submit = h('button.button primary', {title: tools.keys('Enter')}, words)
  const leave = button('act', t('write_cancel'), cancel)
  const bar = h('div.tools')
  const quoted = h('div.quoted')
  Object.assign(form, {name: kind, onsubmit: send, onkeydown: press, oninput: changed})
  form.prepend(quoted)
  form.append(
    bar,
    h('div.hints', h('p.soft', t('write_markdown')), left),
    restored,
    isEdit ? '' : h('div.writer', ...WRITER.map((name) => fields[name].box)),
    trap,
    refusal,
    choices,
    who,
    h('div.foot',
      !isEdit && mails,
      !isEdit && kept,
      close && leave,
      submit))
  form.classList.add('open')
  const {reset, insert} = tools.equip(kit, {text, bar, form}, async (text) =>
    (await context.service.send('POST', 'preview', {text}, '')).html)
  configure()
  busy()
  prepare()
  if (queued) again()
  about(quote)
  // What waits to be sent is told by the service, and not sent then.
  if (isEdit && !queued && made !== comment?.revision) differ(comment)
  addEventListener('storage', heed, {signal})
  return {form, configure, focus, close, quote: open}

  /** Goes to the field, and takes along what is selected by now. */
  function focus() {
    const more = !text.readOnly && citation()
    if (more) reset()
    text.focus()
    if (!more) return
    const end = text.value.trimEnd().length
    // Alone, it is no draft.
    if (!end) begun = more
    text.setSelectionRange(end, text.value.length)
    insert(end ? `\n\n${more}` : more)
  }

  /** What is selected of the comment that is answered. */
  function citation() {
    return kind === 'reply' ? quotation(row?.querySelector('.text')) : ''
  }

  /** @param {{exact: string}} [selector] */
  function open(selector) {
    about(selector)
    text.focus()
  }

  /** Makes it a comment on words of the page; without any, on the whole of it. @param {{exact: string}} [selector] */
  function about(selector) {
    quote = selector
    quoted.replaceChildren(...(selector ? [
      h('blockquote', selector.exact),
      button('act', t('write_unquote'), () => open()),
    ] : []))
    quoted.hidden = !selector
    save()
  }

  /**
   * Shows what the comment says by now, which others or another tab have made of it. Who has read
   * that and sends theirs again wants it in its place.
   * @param {import('../types.js').Comment | undefined} now
   */
  function differ(now) {
    revision = now?.revision
    quoted.replaceChildren(h('blockquote', now?.text))
    quoted.hidden = false
    refusal.textContent = t('write_changed')
  }

  /** @param {'name' | 'email' | 'website'} name @param {object} look */
  function field(name, look) {
    // What is still to be sent has its own writer.
    return kit.field(t('write_' + name), h('input.input', {value: (queued || writer)[name], ...look}), `wrong-${name}-${id}`)
  }

  /** Takes over the site's choices once they are known. */
  function configure() {
    for (const name of WRITER) {
      fields[name].hint.textContent = context.site[`require_${name}`] ? '' : t('write_optional')
      // Who is signed in is known; only a name they may not have said yet.
      fields[name].box.hidden = !!account && (name !== 'name' || !!account.name)
    }
    kept.hidden = !!account
    mails.hidden = !context.site.can_mail || account?.has_email === false
    notify.checked &&= account?.has_email !== false
    if (!isEdit && (context.site.sign_in || context.options.sso)) offer()
    count()
  }

  /** Lets who writes sign in, where the site offers it. */
  async function offer() {
    if (who.className) return
    who.className = 'who'
    try {
      const {sign} = await kit.part('sign')
      who.append(sign(kit, context, (/** @type {typeof account} */ now) => {
        account = now
        configure()
      }, () => author().email, signal))
    } catch {
      // Guests write as ever.
    }
  }

  function count() {
    // Characters as the server counts them: an emoji is one, not two.
    const n = context.site.max_length - [...text.value].length
    left.textContent = n >= 0 && n < context.site.max_length / 10 ? t('write_left', {n}) : ''
    return complain('text', n < 0 ? t('write_too_many', {n: -n}) : '')
  }

  /** Says at a field what is wrong with it, if anything. @param {keyof typeof fields} name @param {string} [words] */
  function complain(name, words = '') {
    fields[name].wrong.textContent = words
    fields[name].control.ariaInvalid = words ? 'true' : null
    return words
  }

  /** Who writes, as this form shows it: another one may say otherwise. @returns {import('../types.js').Writer} */
  function author() {
    return /** @type {any} */ (Object.fromEntries(WRITER.map((name) => [name, fields[name].control.value])))
  }

  function changed() {
    typed = Date.now()
    clearTimeout(saving)
    saving = setTimeout(save, SAVE_AFTER)
    // The page may be left by then; and what is empty may be about to be written anew.
    if (text.value.trim()) store()
  }

  /** Keeps the draft, and counts: at each key, a screen reader would drown the typing. */
  function save() {
    clearTimeout(saving)
    if (!text.value.trim()) {
      key = ''
      if (queued) drop()
    }
    store()
    return count()
  }

  function store() {
    draft = text.value
    // What nobody typed is no draft, unless it is being sent; who wrote what is still to be sent goes with it.
    const mine = draft && (key || draft !== begun) && {text: draft, key, queued: queued && {...author(), notify: notify.checked}, quote, revision: made}
    const kept = recall(place)
    // What waits to be sent in another tab is not written over, and no draft of another tab is taken away.
    if (mine ? !kept?.queued || kept.key === stored.key : kept?.text === stored.text) remember(place, stored = mine)
  }

  /** @param {KeyboardEvent} event */
  function press(event) {
    // These keys are of the input method's, as long as a word is not whole.
    if (event.isComposing) return
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) send(event)
    if (event.key === 'Escape' && [old, begun.trim()].includes(text.value.trim())) cancel()
  }

  /** @param {Event} event */
  async function send(event) {
    event.preventDefault()
    const signed = author()
    // What is sent when it can be, or again, takes nobody away from what they do meanwhile.
    const isAlone = /** @type {CustomEvent} */ (event).detail === true || undefined
    /** @type {Record<string, string>} */
    const lacking = {text: text.value.trim() ? save() : t('write_no_text')}
    for (const name of WRITER) {
      if (!isEdit && !fields[name].box.hidden && context.site[`require_${name}`] && !signed[name].trim()) lacking[name] = t('write_no_' + name)
    }
    if (text.readOnly) return
    if (refuse(lacking, isAlone)) {
      drop()
      return refuse(lacking, isAlone)
    }
    const changes = earlier
    earlier = ''
    typed = 0
    key ||= randomKey()
    save()
    busy(t('write_sending'))
    if (!isAlone) context.status.textContent = t('write_sending')
    try {
      const said = {text: draft, author: signed, id, trap: trap.value, notify: notify.checked, quote, revision}
      const stands = await (isEdit ? change(said) : changes ? change({...said, id: changes}) : post(said, key, busy))
      context.settle(stands, isEdit, isAlone)
      if (!isEdit) {
        Object.assign(writer, signed)
        remember('writer', tick.checked && signed)
      }
      finish()
    } catch (error) {
      context.status.textContent = ''
      const failure = /** @type {import('../types.js').Failure} */ (error)
      const {status = 0, fields, code, comment: arrived} = failure
      // The server has looked at it and said no. Anything else may still have arrived: then the
      // same key makes sure that it arrives once; when it was another text, that it is told.
      const isRefused = status >= 400 && status < 500 && status !== 429
      if (isRefused && !arrived) key = ''
      const unsent = queued ? t('write_unsent') : ''
      // What was promised is kept, for this try may have been cut off by the page being left.
      enqueue(code === 'offline' || (queued && !isRefused))
      save()
      busy()
      const now = code === 'conflict' && await latest(id).catch(() => undefined)
      if (refuse(fields, isAlone)) refusal.textContent = unsent
      else if (now) differ(now)
      else if (arrived) choose(arrived, isAlone).catch(() => (refusal.textContent = explain(failure)))
      else if (queued) again(failure)
      else countDown((n) => `${explain(failure, n)} ${unsent}`, Number(failure.seconds ?? (status === 429 && 60)))
      context.emit('error', failure)
    }
    busy()
  }

  /** Leaves the form as it was before anything was written. */
  function finish() {
    restored.textContent = text.value = key = ''
    enqueue(false)
    about()
    // Who is elsewhere meanwhile stays there.
    leaveForm(!form.matches(':focus-within'))
    if (!close) form.classList.remove('open')
    reset()
  }

  /**
   * Asks what is to become of what was written since an earlier text had arrived.
   * @param {string} id its comment's @param {true} [isAlone] that nobody waits for it
   */
  async function choose(id, isAlone) {
    // Who is about to choose stays here, while the comment is shown.
    isAlone || text.focus()
    const isHere = await (await kit.part('own')).reveal(kit, context, id, isAlone)
    refusal.textContent = t('own_arrived')
    /** @type {Parameters<typeof propose>[0]} */
    const ways = [
      ['own_replace', () => {
        earlier = id
        form.dispatchEvent(new Event('submit'))
      }],
      ['own_also', () => {
        key = ''
        form.dispatchEvent(new Event('submit'))
      }],
    ]
    // What is not theirs to change any more stays as it is.
    propose(ways.slice(isHere ? 0 : 1))
  }

  /** @param {[words: string, act: () => void][]} what */
  function propose(what) {
    choices.replaceChildren(...what.map(([words, act]) => button('choice', t(words), act)))
  }

  /** Has this sent as soon as it can be, after a reload too, or no longer. @param {boolean} isTo */
  function enqueue(isTo) {
    queued = isTo
    const {[id]: _, ...others} = recall(queue) ?? {}
    // The form at the top is opened by its draft.
    if (isTo && id) others[id] = kind
    remember(queue, Object.keys(others)[0] && others)
  }

  /** Does not send it any more: it is a draft again. */
  function drop() {
    enqueue(false)
    clearTimeout(trying)
    refuse({})
    save()
  }

  function cancel() {
    // It may have arrived; and a form that is opened anew meanwhile would lose its text to it.
    if (text.readOnly) return
    if (queued) drop()
    leaveForm()
  }

  /** Takes the form away, if it is one that goes. @param {boolean} [isQuiet] that the focus stays where it is */
  function leaveForm(isQuiet) {
    if (close) gone.abort()
    close?.(isQuiet)
  }

  /**
   * In another tab, the same text may have been sent, changed where it waits, or is not to be sent any
   * more.
   * @param {StorageEvent} event
   */
  function heed({key: changed, oldValue}) {
    if (isGone()) return gone.abort()
    if (!changed?.endsWith(place) || text.readOnly) return
    const kept = recall(place)
    // What was sent had a key. What was written here alone is kept again, also where the other tab,
    // done with its own, took this for it: it may look before it hears of it.
    if (!kept) {
      const was = JSON.parse(oldValue ?? '{}')
      was.key && was.text === text.value ? finish() : typed && store()
    } else if (key && kept.key === key) {
      if (!text.matches(':focus')) {
        stored = kept
        text.value = kept.text
        // There, somebody writes.
        typed = Date.now()
      }
      if (queued && !kept.queued) drop()
      count()
    }
  }

  /**
   * Sends what could not be sent as soon as it can be, also after a reload; what fails then is tried
   * again, less and less often.
   * @param {import('../types.js').Failure} [failure] why it could not be
   */
  function again(failure) {
    clearTimeout(trying)
    addEventListener('online', retry)
    const wait = Math.max(pause, Number(failure?.seconds) * 1000 || 0)
    if (!navigator.onLine) refusal.textContent = t('write_queued')
    else {
      trying = setTimeout(retry, wait)
      // Of the limits, the service says more than how long to wait.
      const reason = failure && (failure.status === 429 ? failure.detail : explain(failure))
      if (reason) countDown((n) => `${reason} ${t('write_again', {n})}`, Math.ceil(wait / 1000))
    }
    propose([['write_now', retry], ['write_drop', () => {
      drop()
      text.focus()
    }]])
    pause = Math.min(pause * 2 || SOON, SELDOM)
  }

  /** @param {Event} [event] the click, where somebody asks for it */
  function retry(event) {
    if (!queued || isGone()) return removeEventListener('online', retry)
    const isAlone = event?.type !== 'click'
    const wait = typed + WHOLE - Date.now()
    clearTimeout(trying)
    // Nobody wants half a sentence to be sent.
    if (isAlone && wait > 0) trying = setTimeout(retry, wait)
    else form.dispatchEvent(new CustomEvent('submit', {detail: isAlone}))
  }

  /** Whether the thread has left the page. */
  function isGone() {
    // Below something folded the form is out of the page, and comes back: `requestSubmit` does nothing there.
    thread = form.closest('.root') ?? thread
    return thread?.isConnected === false
  }

  /**
   * Says what failed. The seconds that have to pass go by without being read out each.
   * @param {(n: number) => string} say
   * @param {number} seconds
   */
  function countDown(say, seconds) {
    refusal.textContent = say(seconds)
    if (seconds > 1) {
      waiting = setTimeout(() => {
        refusal.ariaLive = 'off'
        countDown(say, seconds - 1)
      }, 1000)
    }
  }

  /**
   * Puts each sentence at its field and goes to the first; answers whether there was one.
   * @param {Record<string, string>} wrong @param {true} [isAlone] that nobody waits for it
   */
  function refuse(wrong, isAlone) {
    clearTimeout(waiting)
    refusal.textContent = ''
    refusal.ariaLive = null
    if (choices.matches(':focus-within')) submit.focus()
    propose([])
    let first
    for (const name of /** @type {(keyof typeof fields)[]} */ (Object.keys(fields).reverse())) {
      // What is not asked for has no place to say it at.
      if (complain(name, wrong[name]) && !fields[name].box.hidden) first = fields[name].control
    }
    isAlone || first?.focus()
    return first
  }

  /** @param {string} [doing] what is being done, for the button to say; nothing when it is done */
  function busy(doing) {
    text.readOnly = !!doing
    // Not `disabled`: that would throw the focus off the page.
    submit.ariaDisabled = leave.ariaDisabled = doing ? 'true' : null
    words.textContent = doing || t('write_send_' + kind)
  }
}
