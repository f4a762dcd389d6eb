// Adds a passkey on the page of one's own: asks what for, has the browser make it, sends the form.

import {made} from './passkey.js'
import {fail, tell} from './told.js'

const form = document.getElementById('add-passkey')
if (form && window.PublicKeyCredential?.parseCreationOptionsFromJSON) {
  form.hidden = false
  form.addEventListener('submit', async (event) => {
    event.preventDefault()
    try {
      const asked = await tell(form.dataset.begin, {})
      form.elements.token.value = asked.token
      form.elements.credential.value = await made(asked.options)
      form.submit()
    } catch (error) {
      fail(error)
    }
  })
}
