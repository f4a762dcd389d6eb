// The window's first page: goes to whom somebody signs in with.

import {end, fail, keep, ownDigest, tell} from './told.js'
import {used} from './passkey.js'
import {t} from '../words.js'

const ways = document.getElementById('ways')
const {origin, challenge, page, key, chosen} = ways.dataset
const waits = {origin, challenge, key}

for (const form of ways.querySelectorAll('form')) {
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    go(form)
  })
}
if (!crypto.subtle) fail(new Error(t('insecure')))
else if (chosen) {
  const form = ways.querySelector(`[data-way="${CSS.escape(chosen)}"]`)
  const asks = form?.querySelector('input')
  if (asks) asks.focus()
  else if (form) go(form)
}

async function go(form) {
  const button = form.querySelector('button')
  button.disabled = true
  document.getElementById('problem').hidden = true
  try {
    keep(page)
    if (form.dataset.passkey) {
      const asked = await tell(form.action, {})
      const credential = await used(asked.options)
      end(await tell(form.dataset.passkey, {...waits, token: asked.token, browser: asked.browser, credential}))
    } else {
      const said = Object.fromEntries(new FormData(form))
      const {url} = await tell(form.action, {...waits, ...said, browser: await ownDigest()})
      location.assign(url)
    }
  } catch (error) {
    fail(error)
  }
  button.disabled = false
}
