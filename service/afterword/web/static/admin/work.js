// Work on very many comments while it is done: the page's own words, fetched anew, so the server's
// account is what is seen. Without this the page loads itself again.

const EACH_MS = 700
const main = document.getElementById('main')

async function look () {
  if (!document.hidden) {
    try {
      const answer = await fetch(location.href, { headers: { Accept: 'text/html' } })
      if (!answer.ok || answer.redirected) return location.reload()
      const page = new DOMParser().parseFromString(await answer.text(), 'text/html')
      show(page)
    } catch {} // it may be starting anew: it is asked again
  }
  goOn()
}

function show (page) {
  const before = document.getElementById('work')
  const after = page.getElementById('work')
  const bar = before.querySelector('progress')
  if (before.dataset.stage === after.dataset.stage && bar) {
    // Only the numbers: a button that somebody is about to press stays where it is.
    bar.replaceWith(after.querySelector('progress')) // one whose end is not known has no value
    before.querySelector('label').textContent = after.querySelector('label').textContent
    return
  }
  const hadFocus = before.contains(document.activeElement)
  main.replaceChildren(...page.getElementById('main').childNodes)
  document.title = page.title
  if (hadFocus) (main.querySelector('button') ?? main).focus()
}

function goOn () {
  if (main.querySelector('progress')) setTimeout(look, EACH_MS)
}

goOn()
