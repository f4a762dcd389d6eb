// @ts-check
// How many comments pages have, beside links to them: for lists of posts.

export const words = WORDS

/** How many pages one request may name. */
const MOST = 100

/**
 * Writes "3 comments" into links, by one request for all of them.
 * @param {Iterable<HTMLAnchorElement>} links
 * @param {string} base the service's address
 * @param {import('../types.js').Kit['t']} t
 */
export async function show(links, base, t) {
  // Sorted and unique, so that caches see one address for one set of pages.
  const pages = [...new Set([...links].map(page))].sort().slice(0, MOST)
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
