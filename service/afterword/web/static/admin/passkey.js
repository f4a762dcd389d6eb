// Passkeys (https://www.w3.org/TR/webauthn-3/): what the device signs goes into the form around a
// block and is sent with it. The blocks are hidden in the page: without this script, or where the
// browser knows no passkeys, there is nothing to press.

import { t } from '../words.js'

const RENEWED = 'renewed'
const RENEWAL = 4 * 60 * 1000 // ms; what is signed counts for five minutes
let offered // what ends the offer beside the field, once the button is pressed

function furnish (block) {
  const button = block.querySelector('button')
  let isReady = false
  let isBusy = false
  block.hidden = false

  // Send the form with what the device has signed.
  async function answer (how = {}) {
    const form = block.closest('form')
    const { options, token } = await begin(block.dataset.begin, form)
    const credential = block.dataset.passkey === 'create'
      ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
      : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options), ...how })
    block.querySelector('[name$="-token"]').value = token
    block.querySelector('[name$="-credential"]').value = JSON.stringify(credential)
    isReady = true
    form.requestSubmit(button)
  }

  // Beside the field of the e-mail address, among what the browser fills in. Ends with the page.
  async function offer () {
    for (;;) {
      const ending = offered = new AbortController()
      const renewal = setTimeout(() => ending.abort(RENEWED), RENEWAL)
      try {
        return await answer({ mediation: 'conditional', signal: ending.signal })
      } catch (error) {
        if (error !== RENEWED) return undefined
      } finally {
        clearTimeout(renewal)
      }
    }
  }

  button.addEventListener('click', async (event) => {
    if (isReady) return
    event.preventDefault()
    if (isBusy || (block.dataset.passkey === 'create' && !button.form.reportValidity())) return
    isBusy = true
    offered?.abort()
    complain(block, '')
    try {
      await answer()
    } catch (error) {
      complain(block, t(error.name) ?? error.sentence ?? t('failed'))
    }
    isBusy = false
  })

  if ('offer' in block.dataset) {
    PublicKeyCredential.isConditionalMediationAvailable?.().then((isThere) => isThere && offer())
  }
}

async function begin (url, form) {
  const body = new URLSearchParams({ csrf: form.elements.csrf?.value ?? '' })
  const answer = await fetch(url, { method: 'POST', body, headers: { Accept: 'application/json' } })
  const said = await answer.json()
  if (!answer.ok) throw Object.assign(new Error(said.code), { sentence: said.detail })
  return said
}

function complain (block, sentence) {
  const alarm = block.querySelector('.wrong')
  alarm.textContent = sentence
  alarm.hidden = !sentence
}

if (window.PublicKeyCredential?.parseRequestOptionsFromJSON) {
  for (const block of document.querySelectorAll('[data-passkey]')) furnish(block)
  for (const block of document.querySelectorAll('[data-no-passkeys]')) block.hidden = true
}
