// @ts-check
// The script that a page's author pastes. Alone it shows the thread right behind itself; with
// `data-target` in the element which that selector finds ("none": only counts); and where the
// author has written <afterword-thread> herself, there and nowhere else.

import {showCounts} from './counts.js'
import {define} from './element.js'

const TAG = 'afterword-thread'
// Only now: later, and in modules, the page no longer says which script runs.
const script = /** @type {HTMLScriptElement} */ (document.currentScript)
const base = new URL('.', script.src)

// A second copy of the tag does nothing: the first one serves every element of the page.
if (!customElements.get(TAG)) {
  define(base, script.dataset)
  // Not before the whole page is here: an element that the author wrote may stand further down.
  if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', mount)
  else mount()
}

function mount() {
  showCounts(base).catch(() => {})
  const {target} = script.dataset
  if (target === 'none' || document.querySelector(TAG)) return
  const thread = document.createElement(TAG)
  if (target) document.querySelector(target)?.append(thread)
  else if (script.closest('body')) script.after(thread)
  // With the script in the head, a thread belongs to the end of the article, else of the page.
  else (document.querySelector('article:only-of-type, main') ?? document.body).append(thread)
}
