// The one-time token of a link stands behind its #, which is sent nowhere: it is put into the form
// and out of the address bar, so that it stays in no history.
const field = document.querySelector('[data-from-fragment]')

function take () {
  const token = location.hash.slice(1)
  if (!token) return
  field.value = token
  history.replaceState(null, '', location.pathname)
  document.querySelector('main input:not([data-from-fragment])').focus()
}

take()
addEventListener('hashchange', take) // a newer link, opened where this page is open already
