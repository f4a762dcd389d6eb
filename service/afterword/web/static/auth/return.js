// The window's last page: back from whom somebody signed in with.

import {began, end, fail, own, tell} from './told.js'

const said = new URLSearchParams(location.search)
// What came is good once: it does not have to stand in the history.
history.replaceState(null, '', location.pathname)
const back = {browser: own()}
for (const name of ['state', 'code', 'iss', 'error']) if (said.has(name)) back[name] = said.get(name)

try {
  const told = await tell(location.pathname, back)
  if (told.join) ask(told)
  else end(told)
} catch (error) {
  give(error)
}

/** One more way to a profile: whoever shows it says first that they mean that profile. */
function ask({join, shown, profile}) {
  document.getElementById('status').hidden = true
  document.getElementById('shown').textContent = shown
  document.getElementById('profile').textContent = profile
  const form = document.getElementById('join')
  form.hidden = false
  form.addEventListener('submit', async (event) => {
    event.preventDefault()
    try {
      end(await tell(form.action, {token: join, browser: back.browser}))
    } catch (error) {
      form.hidden = true
      give(error)
    }
  })
}

function give(error) {
  document.getElementById('status').hidden = true
  fail(error)
  const again = document.getElementById('again')
  again.querySelector('a').href = began() ?? again.querySelector('a').href
  again.hidden = false
}
