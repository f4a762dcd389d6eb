// Shows the look while it is typed: the service says what the choices come to, the frame shows it.
// Without this the button beside it does the same.

const WAIT_MS = 300
const form = document.getElementById('look')
const frame = document.getElementById('preview')
const problem = document.getElementById('preview-problem')
const button = form.querySelector('[formtarget]')
let due = 0
let asked = 0

async function show () {
  const turn = ++asked
  try {
    const answer = await fetch(button.formAction, {
      method: 'POST', body: new URLSearchParams(new FormData(form)), headers: { Accept: 'application/json' }
    })
    const said = await answer.json()
    if (turn !== asked) return // something was typed since
    problem.textContent = answer.ok ? '' : Object.values(said.wrong ?? {})[0] ?? ''
    if (answer.ok) frame.contentWindow.postMessage(said, '*') // it has no origin to name
  } catch {} // away for a moment: the next letter asks again
}

button.hidden = true
form.addEventListener('input', () => {
  clearTimeout(due)
  due = setTimeout(show, WAIT_MS)
})
