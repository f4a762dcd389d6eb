// @ts-check
// The script that a page's author pastes. Alone it shows the thread right behind itself; with
// `data-target` in the element which that selector finds ("none": only counts); and where the
// author has written <afterword-thread> herself, there and nowhere else.

import {base, script} from './script.js'
import {speak, t} from './messages.js'
import {part} from './part.js'
import {define, language} from './element.js'

const TAG = 'afterword-thread'

// A second copy of the tag makes no second thread: the first one serves every element of the page.
// It may stand in a page that a router has put in the place of the first, though.
if (customElements.get(TAG)) start()
else {
  define()
  window.Afterword = {
    /** Shows a thread in an element of the page; `data` are attributes without their `data-`. */
    mount(target, data = {}) {
      const thread = /** @type {import('./types.js').ThreadElement} */ (document.createElement(TAG))
      Object.assign(thread.dataset, data)
      target.append(thread)
      return thread
    },
    /** Takes the threads in an element out of the page. */
    unmount(target) {
      for (const thread of target.querySelectorAll(TAG)) thread.remove()
    },
    /** Shows all threads and counts of the page anew. */
    reload() {
      for (const thread of threads()) thread.reload()
      count()
    },
  }
  // Not before the whole page is here: an element that the author wrote may stand further down.
  if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', start)
  // In a task of its own: to read the script is one already.
  else setTimeout(start)
  // Routers that take the page for another one without loading it: Turbo, Astro, the page's own.
  for (const name of ['turbo:load', 'astro:page-load']) document.addEventListener(name, start)
  addEventListener('popstate', renew)
  window.navigation?.addEventListener('navigatesuccess', renew)
  // The canonical link may follow the address a moment later, and the language too.
  const watch = new MutationObserver(renew)
  watch.observe(document.head, {subtree: true, childList: true, attributeFilter: ['href']})
  watch.observe(document.documentElement, {attributeFilter: ['lang']})
}

function start() {
  count()
  const {target} = script.dataset
  if (target === 'none' || threads().length) return renew()
  const thread = document.createElement(TAG)
  /** @type {HTMLScriptElement | null} */
  const here = script.isConnected ? script : document.querySelector(`script[src="${script.getAttribute('src')}"]`)
  // A router has gone to a page without the tag.
  if (!here) return
  if (target) document.querySelector(target)?.append(thread)
  else if (here.closest('body')) here.after(thread)
  // With the script in the head, a thread belongs to the end of the article, else of the page.
  else (document.querySelector('article:only-of-type, main') ?? document.body).append(thread)
}

/** Says at links how many comments their pages have. */
async function count() {
  const links = document.querySelectorAll('a[data-afterword-count]')
  if (!links.length) return
  await speak(language())
  // Without it, links say what their author wrote.
  part('counts').then(({show}) => show(links, base, t)).catch(() => {})
}

/** Lets threads follow the address. */
function renew() {
  for (const thread of threads()) if (thread.isStale) thread.reload()
}

/** @returns {NodeListOf<import('./types.js').ThreadElement>} */
function threads() {
  return document.querySelectorAll(TAG)
}
