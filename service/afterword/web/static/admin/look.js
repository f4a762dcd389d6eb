// Shows the look while it is typed: the service says what the choices come to, the frame shows it.
// Without this the button beside it does the same.

const WAIT_MS = 300
const form = document.getElementById('look')
const frame = document.getElementById('preview')
const problem = document.getElementById('preview-problem')
const button = form.querySelector('[formtarget]')
let due = 0
let asked = 0
let words = [] // the keys of the sentences that the frame has learned

async function show () {
  const turn = ++asked
  try {
    const answer = await fetch(button.formAction, {
      method: 'POST', body: new URLSearchParams(new FormData(form)), headers: { Accept: 'application/json' }
    })
    const said = await answer.json()
    if (turn !== asked) return // something was typed since
    problem.textContent = answer.ok ? '' : Object.values(said.wrong ?? {})[0] ?? ''
    if (answer.ok) tell(said)
  } catch {} // away for a moment: the next letter asks again
}

// It has no origin to name. The widget keeps what it has learned to say: to unlearn it starts anew,
// from here, since what the frame asks for by itself comes without the moderator's cookie.
function tell (thread) {
  const said = Object.keys(thread.site.texts ?? {})
  const send = () => frame.contentWindow.postMessage(thread, '*')
  if (words.every((key) => said.includes(key))) send()
  else {
    frame.addEventListener('load', send, { once: true })
    frame.src = frame.getAttribute('src')
  }
  words = said
}

button.hidden = true
form.addEventListener('input', () => {
  clearTimeout(due)
  due = setTimeout(show, WAIT_MS)
})
