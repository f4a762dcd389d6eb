// @ts-check
const MOST = 100

/**
 * Writes "3 comments" into every `<a data-afterword-count href=PAGE>`, by one request.
 * @param {string} base
 * @param {import('./types.js').Translate} t
 */
export async function showCounts(base, t) {
  /** @type {NodeListOf<HTMLAnchorElement>} */
  const links = document.querySelectorAll('a[data-afterword-count]')
  const address = (/** @type {HTMLAnchorElement} */ link) => link.href.split('#')[0]
  // Sorted and unique, so that caches see one address for one set of pages.
  const pages = [...new Set([...links].map(address))].sort().slice(0, MOST)
  if (!pages.length) return
  const query = new URLSearchParams(pages.map((page) => ['url', page]))
  const response = await fetch(`${base}api/v1/counts?${query}`, {credentials: 'omit'})
  const {counts} = await response.json()
  for (const link of links) {
    if (Object.hasOwn(counts, address(link))) link.textContent = t('count', {n: counts[address(link)]})
  }
}
