// What the pages of the window have in common: how they know themselves again, and how they end.

import {t} from '../words.js'

const WINDOW = 'afterword:window'
const PAGE = 'afterword:page'
const AGAIN = 'afterword:again'

/** A secret of this window alone, by which it shows that it is the one that went away. */
export function own() {
  const held = sessionStorage.getItem(WINDOW)
  if (held) return held
  const made = [...crypto.getRandomValues(new Uint8Array(32))].map(hex).join('')
  sessionStorage.setItem(WINDOW, made)
  return made
}

/** Its digest, which can be told before. */
export async function ownDigest() {
  const bytes = new TextEncoder().encode(own())
  return [...new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))].map(hex).join('')
}

/** Keeps the page that waits, and where this began, for when the window is back. */
export function keep(page) {
  sessionStorage.setItem(PAGE, page)
  sessionStorage.setItem(AGAIN, location.href)
}

export function began() {
  return sessionStorage.getItem(AGAIN)
}

/** Sends a form's worth to an address of ours; rejects with a sentence. */
export async function tell(path, said) {
  let answer
  try {
    answer = await fetch(path, {method: 'POST', body: new URLSearchParams(said), credentials: 'omit'})
  } catch {
    throw new Error(t('unreachable'))
  }
  const told = await answer.json().catch(() => ({}))
  if (!answer.ok) throw new Error(told.detail ?? t('unreachable'))
  return told
}

/** Hands the code to the page that waits, to it and to no other; or goes to one's own page. */
export function end({origin, code, me}) {
  sessionStorage.removeItem(WINDOW)
  if (me) return location.replace(me)
  if (window.opener) {
    window.opener.postMessage({afterword: 'signed-in', code}, origin)
    return window.close()
  }
  // The provider's pages have parted us from the page (Cross-Origin-Opener-Policy): then go there.
  // The code is in the fragment, which is sent to nobody, and of use to that browser's page alone.
  const page = new URL(sessionStorage.getItem(PAGE) || origin)
  if (page.origin !== origin) throw new Error(t('elsewhere'))
  page.hash = `afterword-sign-in=${code}`
  location.replace(page)
}

/** Says what failed. */
export function fail(error) {
  const problem = document.getElementById('problem')
  problem.textContent = error.message
  problem.hidden = false
}

function hex(byte) {
  return byte.toString(16).padStart(2, '0')
}
