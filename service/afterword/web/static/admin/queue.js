// The queue by keys and without reloads. Every act is the form's own POST; the page that answers it
// is put in the place of this one's, so the server's word is what is seen.

import { LOCALE, t } from '../words.js'

const ACTS = { a: 'approve', s: 'spam', d: 'remove' }
const KEYS_OFF = 'afterword-keys-off'
const main = document.getElementById('main')
const said = document.getElementById('said')
const help = document.getElementById('help')
const useKeys = document.getElementById('use-keys')
const leaving = new Set() // comments whose act is under way
let last = Promise.resolve() // acts go out one after the other, however fast the keys are
let ticked = '' // the comment that was ticked last by its key
let place = 0 // of the comment that had the focus last

const all = (selector) => [...main.querySelectorAll(selector)]
const comments = () => all('.comment')
const ticks = () => all('[name="ids"]')
const current = () => document.activeElement?.closest('.comment')

function furnish () {
  const everything = document.getElementById('all')
  const keys = document.getElementById('keys')
  if (everything) everything.closest('label').hidden = false
  if (keys) keys.hidden = false
  for (const time of all('time')) {
    const moment = new Date(time.dateTime)
    time.title = time.textContent
    time.textContent = moment.toLocaleString(LOCALE, { dateStyle: 'medium', timeStyle: 'short' })
  }
  for (const comment of comments()) comment.classList.toggle('leaving', leaving.has(comment.dataset.id))
  count()
}

function count () {
  const everything = document.getElementById('all')
  if (!everything) return
  const many = ticks().filter((box) => box.checked).length
  everything.checked = many > 0 && many === ticks().length
  everything.indeterminate = many > 0 && !everything.checked
  everything.nextElementSibling.textContent = many ? t('selected', many) : t('all')
  for (const button of all('.bulk [name="act"]')) button.disabled = many === 0
}

function focusOn (comment) {
  if (!comment) return
  comment.focus({ preventScroll: true })
  comment.scrollIntoView({ block: 'nearest' })
}

function go (step) {
  const list = comments().filter((comment) => !leaving.has(comment.dataset.id))
  const at = list.indexOf(current())
  if (at < 0) focusOn(list[Math.min(place, list.length - 1)])
  else focusOn(list[Math.max(0, Math.min(list.length - 1, at + step))])
}

// Send a form as the given button would; answers nothing, shows what came of it.
function send (form, button) {
  const body = new URLSearchParams(new FormData(form))
  if (button?.name) body.append(button.name, button.value)
  const only = (body.get('only') ?? body.get('all'))?.split(' ')[1]
  const elsewhere = button?.getAttribute('formaction') // about one that stays where it is
  const going = elsewhere ? [] : only ? [only] : body.getAll('ids')
  if (only || elsewhere) body.delete('ids')
  const list = comments()
  place = Math.max(0, list.findIndex((comment) => going.includes(comment.dataset.id)))
  for (const id of going) leaving.add(id)
  furnishLeaving(list, going)
  last = last.then(() => post(elsewhere ?? form.action, body, going))
}

// The focus goes on at once to the next comment that stays.
function furnishLeaving (list, going) {
  for (const comment of list) comment.classList.toggle('leaving', leaving.has(comment.dataset.id))
  const stays = (comment) => !leaving.has(comment.dataset.id)
  if (going.length) focusOn(list.slice(place).find(stays) ?? list.slice(0, place).findLast(stays))
}

async function post (url, body, going) {
  try {
    const answer = await fetch(url, { method: 'POST', body, headers: { Accept: 'text/html' } })
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html')
    for (const id of going) leaving.delete(id)
    if (answer.ok && page.getElementById('help')) show(page, answer.url)
    else if (answer.redirected) location.assign(answer.url) // logged out meanwhile
    else if (page.querySelector('[name="again"]')) leave(url, body) // the password is asked for
    else complain(page.querySelector('main p')?.textContent)
  } catch {
    for (const id of going) leaving.delete(id)
    complain(t('unreached'))
  }
}

// Sends a form as a page without this script would.
function leave (url, body) {
  const form = document.createElement('form')
  form.method = 'post'
  form.action = url
  form.hidden = true
  for (const [name, value] of body) {
    const field = document.createElement('input')
    field.name = name
    field.value = value
    form.append(field)
  }
  document.body.append(form)
  form.submit()
}

function show (page, url) {
  const chosen = new Set(ticks().filter((box) => box.checked).map((box) => box.value))
  const held = current()?.dataset.id
  main.replaceChildren(...page.getElementById('main').childNodes)
  document.title = page.title
  history.replaceState(null, '', url)
  for (const box of ticks()) box.checked = chosen.has(box.value)
  furnish()
  const notice = main.querySelector('#notice p')
  notice?.removeAttribute('role') // `said` speaks: a region that is put in is not read out everywhere
  said.textContent = notice?.textContent ?? ''
  const list = comments()
  const next = document.getElementById(`comment-${held}`) ?? list[Math.min(place, list.length - 1)]
  if (next) focusOn(next)
  else main.focus()
}

function complain (sentence = t('failed')) {
  for (const comment of comments()) comment.classList.remove('leaving')
  main.querySelector('.alarm')?.remove()
  const alarm = document.createElement('p')
  alarm.className = 'alarm'
  alarm.role = 'alert'
  alarm.textContent = sentence
  main.querySelector('.filters').before(alarm)
  alarm.scrollIntoView({ block: 'nearest' })
}

// What is taken back is the last act pressed, so its answer is waited for: it brings its own button.
function undo () {
  last = last.then(() => document.getElementById('undo')?.click())
}

function tick (comment) {
  const box = comment.querySelector('[name="ids"]')
  if (!box) return // one that is erased
  box.click()
  if (box.checked) ticked = comment.dataset.id
}

// From the one that was ticked last, in either direction.
function tickTo (comment) {
  const list = comments()
  const from = list.findIndex((one) => one.dataset.id === ticked)
  const to = list.indexOf(comment)
  for (const one of list.slice(Math.min(from < 0 ? to : from, to), Math.max(from, to) + 1)) {
    const box = one.querySelector('[name="ids"]')
    if (box) box.checked = true
  }
  ticked = comment.dataset.id
  count()
}

function seek () {
  const field = document.getElementById('q')
  field.focus()
  field.select()
}

function press (key) {
  const comment = current()
  if (key === 'j') return go(1)
  if (key === 'k') return go(-1)
  if (key === '?') return help.showModal()
  if (key === 'u') return undo()
  if (key === '/') return seek()
  if (key > '0' && key < '6') return main.querySelector(`.tabs [data-key="${key}"]`)?.click()
  if (!comment || leaving.has(comment.dataset.id)) return undefined
  if (key === 'x') return tick(comment)
  if (key === 'X') return tickTo(comment)
  if ('erb'.includes(key)) return comment.querySelector(`[data-key="${key}"]`)?.click()
  const one = ACTS[key] ? 'only' : 'all'
  return comment.querySelector(`[name="${one}"][value^="${ACTS[key.toLowerCase()]} "]`)?.click()
}

document.addEventListener('keydown', (event) => {
  const types = event.target.closest('textarea, select, [contenteditable], input:not([type="checkbox"])')
  if (types || event.ctrlKey || event.metaKey || event.altKey || event.repeat && ACTS[event.key.toLowerCase()]) return
  if (help.open || !useKeys.checked) return
  if (!'jkasdASDerubxX?/12345'.includes(event.key)) return
  event.preventDefault()
  press(event.key)
})
main.addEventListener('submit', (event) => {
  if (!event.target.matches('[data-act]')) return
  event.preventDefault()
  if (event.submitter?.value || event.target.id !== 'queue') send(event.target, event.submitter)
})
main.addEventListener('change', (event) => {
  if (event.target.id === 'all') for (const box of ticks()) box.checked = event.target.checked
  count()
})
main.addEventListener('click', (event) => {
  if (event.target.closest('#keys')) help.showModal()
})
useKeys.checked = localStorage.getItem(KEYS_OFF) === null
useKeys.addEventListener('change', () => {
  if (useKeys.checked) localStorage.removeItem(KEYS_OFF)
  else localStorage.setItem(KEYS_OFF, '1')
})
furnish()
