// @ts-check
// Signing in, quietly, in the foot of a form: by a window on the service's own origin, by a mailed
// code, or by the word of the blog itself. Loaded where the site offers it and somebody writes.

import css from './sign.css'

export const words = WORDS

/** The service's address: that of this part without its last three steps. */
const base = new URL('../../', import.meta.url)
/** How the window that is back names itself, where it was parted from this page. */
const BACK = /^#afterword-sign-in=([\w-]{43,128})$/

/**
 * A line that says who writes, and lets them sign in and out.
 * @param {import('../types.js').Kit} kit
 * @param {import('../types.js').Context} context
 * @param {(account: import('../types.js').Account | undefined) => void} tell is told who writes
 * @param {() => string} typed the address that the form shows
 * @param {AbortSignal} signal that the form is gone
 */
export function sign(kit, context, tell, typed, signal) {
  const {h, button, t, recall, remember, randomKey, explain} = kit
  const {service, place, options} = context
  const {ways, is_required: isRequired} = context.site.sign_in ?? {ways: [], is_required: false}
  const SECRET = `secret:${base.host}`
  const GUEST = `guest:${base.host}`
  const WHO = `signed:${base.host}`
  const VERIFIER = `verifier:${base.host}`
  const DRAFT = `draft:${place}:comment`
  const line = h('div.signed', {tabIndex: -1})
  const panel = h('div.ways', {hidden: true})
  const wrong = h('p.error', {role: 'alert'})
  const box = h('div.signing', line, panel, wrong)
  /** Made beforehand: a browser opens a window only at once after the click. */
  let challenge = ''

  kit.adopt(css)
  addEventListener('storage', elsewhere, {signal})
  show()
  begin()
  return box

  /** Takes up what came with the page, and makes sure of what is remembered. */
  async function begin() {
    const back = BACK.exec(location.hash)?.[1]
    const {sso} = options
    const who = recall(WHO)
    if (back) {
      history.replaceState(history.state, '', location.pathname + location.search)
      await attempt(() => exchange(back))
    } else if (sso && who?.sub !== subject(sso)) {
      await attempt(async () => accept(await service.send('POST', 'sign-in/sso', {token: sso}, ''), subject(sso)))
    } else if (who?.sub && !sso) await out() // the blog has signed them out
    else if (who) {
      const {author} = await service.get('me', {}, recall(SECRET)).catch(() => ({author: who}))
      if (!author) return forget()
      remember(WHO, {...author, sub: who.sub})
      show()
    }
  }

  /** Shows who writes, and what they can do about it. */
  function show() {
    const who = recall(WHO)
    const hadFocus = box.matches(':focus-within')
    panel.hidden = true
    line.replaceChildren(
      ...(who
        ? [h('span.soft', who.name ? t('sign_as', {name: who.name}) : t('sign_nameless')),
          who.sub ? '' : button('act', t('sign_out'), out)]
        : [isRequired ? h('span.soft', t('sign_required')) : '',
          ways.length && crypto.subtle ? button('act', t('sign_in'), choose) : '']))
    // Where the focus was there may be nothing any more; and who has signed in, is said.
    if (hadFocus) /** @type {HTMLElement} */ ((!who && line.querySelector('button')) || line).focus()
    tell(who)
  }

  /** Lists the ways, or takes the list away. */
  async function choose() {
    if (!panel.hidden) return show()
    const verifier = randomKey()
    remember(VERIFIER, verifier)
    challenge = await digest(verifier)
    panel.replaceChildren(...ways.map(({name, label}) =>
      button('act', label, () => (name === 'email' ? askEmail() : open(name)))))
    panel.hidden = false
    focus()
  }

  /** @param {string} way */
  function open(way) {
    wrong.textContent = ''
    const page = location.href.split('#')[0]
    const asked = new URLSearchParams({origin: location.origin, challenge, page, way})
    const opened = window.open(`${base}auth/?${asked}`, '_blank', 'popup,width=480,height=640')
    if (!opened) return void (wrong.textContent = t('sign_blocked'))
    /** @param {MessageEvent} event */
    const hear = ({origin, source, data}) => {
      // From our window, which is at the service: whatever else it may say is nothing to us.
      if (origin !== base.origin || source !== opened || data?.afterword !== 'signed-in') return
      removeEventListener('message', hear)
      attempt(() => exchange(data.code))
    }
    addEventListener('message', hear)
    // Where the window is parted from this page it comes back as this page, to a form that is open:
    // one with a draft is, an empty one too.
    remember(DRAFT, recall(DRAFT) ?? {text: ''})
  }

  function askEmail() {
    const email = h('input.input', {type: 'email', autocomplete: 'email', value: typed()})
    ask('sign_email', email, 'sign_mail', async () => {
      const {handle} = await service.send('POST', 'sign-in/email', {email: email.value}, '')
      const code = h('input.input', {inputMode: 'numeric', autocomplete: 'one-time-code', maxLength: 9})
      ask('sign_code', code, 'sign_in', async () =>
        accept(await service.send('POST', 'sign-in/email/code', {handle, code: code.value}, recall(SECRET) ?? '')))
    })
  }

  /**
   * Puts one question into the panel.
   * @param {string} label @param {HTMLInputElement} input @param {string} words @param {() => Promise<void>} act
   */
  function ask(label, input, words, act) {
    let isGoing = false
    const go = async () => {
      // Pressed twice, it would mail two codes, of which only the second one is good.
      if (isGoing) return
      isGoing = true
      await attempt(act)
      isGoing = false
    }
    input.onkeydown = (event) => {
      // The form around it is not what is being sent.
      if (event.key !== 'Enter' || event.isComposing) return
      event.preventDefault()
      event.stopPropagation()
      go()
    }
    panel.replaceChildren(
      h('label', h('span.label', t(label)), input), button('act', t(words), go), button('act', t('sign_cancel'), show))
    panel.hidden = false
    focus()
  }

  function focus() {
    /** @type {HTMLElement | null} */ (panel.querySelector('input, button'))?.focus()
  }

  /** @param {string} code of the window */
  async function exchange(code) {
    accept(await service.send('POST', 'sign-in', {code, verifier: recall(VERIFIER) ?? ''}, ''))
  }

  /** @param {{token: string, author: object}} answer @param {string} [sub] whom the blog has signed in */
  function accept({token, author}, sub) {
    remember(VERIFIER, '')
    if (!recall(DRAFT)?.text) remember(DRAFT, '')
    if (!recall(WHO)) remember(GUEST, recall(SECRET))
    remember(SECRET, token)
    remember(WHO, {...author, sub})
    remember(`posted:${place}`, true)
    if (!recall(WHO)) wrong.textContent = t('sign_forgets')
    spread()
  }

  async function out() {
    await service.send('DELETE', 'sign-in', undefined, recall(SECRET)).catch(() => {})
    forget()
  }

  /** Makes a guest of this browser: the one that it was before. */
  function forget() {
    // It was pressed twice: whom it was before is known no more.
    if (!recall(WHO)) return
    remember(SECRET, recall(GUEST) ?? randomKey())
    remember(GUEST, '')
    remember(WHO, '')
    spread()
  }

  /** Tells all forms of this page: by itself the browser tells other pages only. */
  function spread() {
    dispatchEvent(new StorageEvent('storage', {key: WHO}))
  }

  /** Does something; when it fails, says why. @param {() => Promise<void>} act */
  async function attempt(act) {
    wrong.textContent = ''
    try {
      await act()
    } catch (error) {
      wrong.textContent = explain(/** @type {import('../types.js').Failure} */ (error))
    }
  }

  /** Somebody has signed in or out, here or in another tab. @param {StorageEvent} event */
  function elsewhere({key}) {
    if (key?.endsWith(WHO)) show()
  }
}

/** SHA-256 in base64url. @param {string} text */
async function digest(text) {
  const bytes = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  return btoa(String.fromCharCode(...new Uint8Array(bytes)))
    .replace(/[+/=]/g, (sign) => ({'+': '-', '/': '_'})[sign] ?? '')
}

/** Whom a token of the blog is of, as it says itself. @param {string} token */
function subject(token) {
  try {
    return String(JSON.parse(atob(token.split('.')[1].replace(/[-_]/g, (sign) => (sign === '-' ? '+' : '/')))).sub)
  } catch {
    return ''
  }
}
