// The window that a blog page opened for one comment. The page is told that something changed, by
// the addresses of the site alone; it gets neither words nor rights from here.

const ARM_MS = 400
const comment = document.querySelector('.comment')
const buttons = document.querySelectorAll('main button')

for (const origin of comment.dataset.origins.split(' ').filter(Boolean)) {
  opener?.postMessage({ afterword: 'moderated', id: comment.dataset.id }, origin)
}

// A page that opens this under a hand about to press a button elsewhere would have it press here:
// the buttons take no press before somebody can have seen them.
function arm () {
  for (const button of buttons) button.disabled = true
  setTimeout(() => { for (const button of buttons) button.disabled = false }, ARM_MS)
}

if (!comment.dataset.origins) {
  arm()
  addEventListener('focus', arm)
}
