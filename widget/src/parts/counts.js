// @ts-check
// How many comments pages have, beside links to them: for lists of posts.

export const words = WORDS

/** How many pages one request may name. */
const MOST = 100
/** How long its query may be: servers and proxies refuse an address of 8 kB. */
const LONGEST = 6000
/** What is being asked for, by its query: routers begin a page twice. @type {Map<string, Promise<any>>} */
const asked = new Map()

/**
 * Writes "3 comments" into links, by one request for as many of them as it may name.
 * @param {Iterable<HTMLAnchorElement>} links
 * @param {string} base the service's address
 * @param {import('../types.js').Kit['t']} t
 */
export async function show(links, base, t) {
  // Sorted and unique, so that caches see one address for one set of pages.
  const pages = [...new Set([...links].map(page))].sort()
  await Promise.all(portions(pages).map(async (query) => {
    const answer = asked.get(query) ?? ask(base, query).finally(() => asked.delete(query))
    asked.set(query, answer)
    const {counts} = await answer
    for (const link of links) {
      const n = counts[page(link)]
      if (n >= 0) link.textContent = t('count', {n})
    }
  }))
}

/** The queries for pages, each as long as it may be. @param {string[]} pages */
function portions(pages) {
  /** @type {string[]} */
  const queries = []
  let n = MOST
  for (const url of pages) {
    const asked = `${new URLSearchParams({url})}`
    const longer = `${queries.at(-1)}&${asked}`
    if (n < MOST && longer.length <= LONGEST) {
      queries[queries.length - 1] = longer
      n++
    } else {
      queries.push(asked)
      n = 1
    }
  }
  return queries
}

/** @param {string} base @param {string} query */
async function ask(base, query) {
  return (await fetch(`${base}api/v1/counts?${query}`, {credentials: 'omit'})).json()
}

/** @param {HTMLAnchorElement} link */
function page(link) {
  return link.href.split('#')[0]
}
