// @ts-check
// What the page's author chose, by attributes of the script or of the element.

import {script} from './script.js'

/**
 * The options in force: the element's own attributes win over the script's.
 * @param {DOMStringMap} own
 * @returns {import('./types.js').Options}
 */
export function options(own) {
  const chosen = {...script.dataset, ...own}
  const canonical = document.querySelector('link[rel~=canonical]')?.getAttribute('href')
  return {...chosen, url: pageUrl(location.href, {...chosen, canonical})}
}

/**
 * The address that names a page: the author's word, else the canonical link when it stays on this
 * origin (a feed reader's or a proxy's copy would lie), else where we are. Fragments never count.
 * `site` is the origin to speak for when the page is shown on another one, such as a preview.
 * @param {string} address
 * @param {{url?: string | null, site?: string | null, canonical?: string | null}} said
 */
export function pageUrl(address, {url, site, canonical}) {
  const at = new URL(address)
  const here = (site && resolve(at.pathname + at.search, site)) || at
  const linked = resolve(canonical, address)
  return bare(resolve(url, address) || (linked?.origin === here.origin ? linked : here))
}

/**
 * An address without fragment, and without what says where a reader came from: that makes no other
 * page. Nor is anything asked anew when a script of the page takes it away while somebody writes.
 * @param {URL} page
 */
export function bare(page) {
  page.hash = ''
  for (const name of [...page.searchParams.keys()]) {
    if (/^(utm_|fbclid$|gclid$)/.test(name)) page.searchParams.delete(name)
  }
  return page.href
}

/**
 * The comment that an address points to, '' for none.
 * @param {string} address
 */
export function commentIn(address) {
  return /#comment-([\w-]{1,40})$/.exec(address)?.[1] ?? ''
}

/** @param {string | null | undefined} address @param {string} base */
function resolve(address, base) {
  try {
    return /** @type {URL | null | undefined} */ (address && new URL(address, base))
  } catch {}
}
