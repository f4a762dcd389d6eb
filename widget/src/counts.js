// @ts-check
import {base} from './script.js'
import {t} from './messages.js'

const MOST = 100

/**
 * Writes "3 comments" into every `<a data-afterword-count href=PAGE>`, by one request.
 */
export async function showCounts() {
  /** @type {NodeListOf<HTMLAnchorElement>} */
  const links = document.querySelectorAll('a[data-afterword-count]')
  // Sorted and unique, so that caches see one address for one set of pages.
  const pages = [...new Set([...links].map(page))].sort().slice(0, MOST)
  if (!pages.length) return
  const query = new URLSearchParams(pages.map((url) => ['url', url]))
  const response = await fetch(`${base}api/v1/counts?${query}`, {credentials: 'omit'})
  const {counts} = await response.json()
  for (const link of links) {
    const n = counts[page(link)]
    if (n >= 0) link.textContent = t('count', {n})
  }
}

/** @param {HTMLAnchorElement} link */
function page(link) {
  return link.href.split('#')[0]
}
