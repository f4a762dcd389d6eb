// @ts-check
// What the page's author chose, by attributes of the script or of the element.

/**
 * The options in force: the element's own attributes win over the script's.
 * @param {DOMStringMap} own
 * @param {DOMStringMap} script
 * @returns {import('./types.js').Options}
 */
export function options(own, script) {
  const {url, site, page = '', title, lang, sort = '', theme = '', eager} = {...script, ...own}
  const canonical = document.querySelector('link[rel~=canonical]')?.getAttribute('href')
  return {
    url: pageUrl(location.href, {url, site, canonical}),
    page,
    title: (title || document.title).slice(0, 300),
    locale: localeOf(lang || document.documentElement.lang),
    sort: sort === 'newest' ? sort : '',
    theme,
    isEager: eager != null && eager !== 'false',
  }
}

/**
 * The address that names a page: the author's word, else the canonical link when it stays on this
 * origin (a feed reader's or a proxy's copy would lie), else where we are. Fragments never count.
 * `site` is the origin to speak for when the page is shown on another one, such as a preview.
 * @param {string} here
 * @param {{url?: string | null, site?: string | null, canonical?: string | null}} said
 */
export function pageUrl(here, {url, site, canonical}) {
  const named = resolve(url, here)
  const linked = resolve(canonical, here)
  const at = new URL(here)
  const page = named ?? (linked?.origin === at.origin ? linked : at)
  const home = resolve(site)
  const found = home && !named ? new URL(page.pathname + page.search, home) : page
  found.hash = ''
  return found.href
}

/**
 * The comment that an address points to, '' for none.
 * @param {string} address
 */
export function commentIn(address) {
  return /#comment-([\w-]{1,40})$/.exec(address)?.[1] ?? ''
}

/**
 * How dates and numbers are written. The sentences are English so far, so it is a kind of English.
 * @param {string} lang
 */
export function localeOf(lang) {
  return /^en(-[a-z]{2})?$/i.test(lang) ? lang : 'en'
}

/** @param {string | null | undefined} address @param {string} [base] */
function resolve(address, base) {
  try {
    return address ? new URL(address, base) : null
  } catch {
    return null
  }
}
