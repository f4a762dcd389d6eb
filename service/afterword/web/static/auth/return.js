// The window's last page: back from whom somebody signed in with.

import {began, end, fail, own, tell} from './told.js'

const said = new URLSearchParams(location.search)
// What came is good once: it does not have to stand in the history.
history.replaceState(null, '', location.pathname)
const back = {browser: own()}
for (const name of ['state', 'code', 'iss', 'error']) if (said.has(name)) back[name] = said.get(name)

try {
  end(await tell(location.pathname, back))
} catch (error) {
  document.getElementById('status').hidden = true
  fail(error)
  const again = document.getElementById('again')
  again.querySelector('a').href = began() ?? again.querySelector('a').href
  again.hidden = false
}
