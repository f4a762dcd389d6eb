// The one-time token of a link stands behind its #, which is sent nowhere: it is put into the form
// and out of the address bar, so that it stays in no history.
const field = document.querySelector('[data-from-fragment]')
const token = location.hash.slice(1)

if (field && token) {
  field.value = token
  history.replaceState(null, '', location.pathname)
  document.querySelector('main input:not([data-from-fragment])').focus()
}
