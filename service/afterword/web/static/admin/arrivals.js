// How many comments came since the queue was loaded. The list stays as it is: nothing moves under a
// hand that is about to press a key, until its link is followed.

import { t } from '../words.js'

const main = document.getElementById('main')
const said = document.getElementById('said')
let source = null
let followed = '' // the address that is listened to
let told = 0

function listen () {
  const place = main.querySelector('.arrivals')
  const url = place?.dataset.stream ?? ''
  if (document.hidden || url !== followed) stop()
  if (!url || document.hidden || source) return
  if (url !== followed) told = 0
  followed = url
  source = new EventSource(url)
  source.addEventListener('new', (event) => show(JSON.parse(event.data).count))
}

function stop () {
  source?.close()
  source = null
}

function show (count) {
  const place = main.querySelector('.arrivals')
  if (!place || !count) return
  const words = t('arrived', count)
  place.firstElementChild.textContent = words
  place.hidden = false
  document.title = `(${count}) ${document.title.replace(/^\(\d+\) /, '')}`
  if (!told) said.textContent = words // once: each that comes would interrupt
  told = count
}

document.addEventListener('visibilitychange', listen)
addEventListener('pagehide', stop)
addEventListener('pageshow', listen)
// Acts put a new list in the place of the old one.
new MutationObserver(listen).observe(main, { childList: true })
listen()
