// Sends a file in parts, each small enough for every proxy on the way. One that fails is sent again
// from where the service is; what arrived once stays.

import { t } from '../words.js'

const TRIES = 6
const WAIT_MS = 1000
const PACKED = /\.(gz|zip|tgz)$/i

const form = document.getElementById('upload')
const button = form.querySelector('button')
const bar = document.getElementById('sent')
const wrong = document.getElementById('upload-wrong')
const csrf = form.elements.csrf.value

form.addEventListener('submit', async event => {
  event.preventDefault()
  const file = document.getElementById('file').files[0]
  say('')
  button.disabled = true
  document.getElementById('sending').hidden = false
  try {
    location.assign(await send(file))
  } catch (error) {
    say(error instanceof Refused ? error.message : t('unreached'))
    button.disabled = false
    document.getElementById('sending').hidden = true
  }
})
button.disabled = false

class Refused extends Error {}

/** Send a file and have it looked through; answers the page that shows what is in it. */
async function send (file) {
  const content = await packed(file)
  if (content.size > Number(form.dataset.most)) {
    throw new Refused(t('too_large'))
  }
  const begun = await answered(form.action, { name: file.name })
  const each = Number(form.dataset.part)
  for (let number = 0; number * each < content.size;) {
    const part = content.slice(number * each, (number + 1) * each)
    number = (await (await insisted(`${begun.url}/parts`, { number, part })).json()).parts
    bar.value = Math.min(1, number * each / content.size)
  }
  return (await insisted(`${begun.url}/look`, {})).url
}

/** The file, a tenth of its size in most cases; as it is where the browser cannot pack. */
async function packed (file) {
  if (PACKED.test(file.name) || !('CompressionStream' in window)) return file
  return new Response(file.stream().pipeThrough(new CompressionStream('gzip'))).blob()
}

/** The answer to a form; again while there is none, for as long as a service takes to start. */
async function insisted (url, fields) {
  for (let tries = 1; ; tries++) {
    try {
      return await answered(url, fields)
    } catch (error) {
      if (error instanceof Refused || tries === TRIES) throw error
      await new Promise(resolve => setTimeout(resolve, WAIT_MS * tries))
    }
  }
}

async function answered (url, fields) {
  const body = new FormData()
  for (const [name, value] of Object.entries({ csrf, ...fields })) body.set(name, value)
  const answer = await fetch(url, { method: 'POST', body })
  // Who is not logged in any more is led to the log-in, which is an answer that looks well.
  if (answer.ok && answer.url.includes('/uploads/')) return answer
  if (answer.status >= 500 || answer.status === 429) throw new Error(String(answer.status))
  throw new Refused(t('too_old'))
}

function say (sentence) {
  wrong.textContent = sentence
  wrong.hidden = !sentence
}
