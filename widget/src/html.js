// @ts-check
// The one door for a comment's HTML, which the server has sanitized. Never innerHTML: pages that
// enforce Trusted Types would refuse it, and it would trust every byte between us and the server.

import {h} from './dom.js'
import {part} from './part.js'

/** The server's own list (markup/allowed.py). In capitals, as only HTML's own have their names. */
const TAGS = ' A B BLOCKQUOTE BR CODE DEL EM HR I LI OL P PRE S STRONG UL '
/** @type {Record<string, RegExp>} */
const ATTRIBUTES = {
  href: /^(https?|mailto):/i,
  start: /^\d{1,9}$/,
  class: /^language-[\w+#.-]+$/,
}
export const REL = 'nofollow ugc noopener noreferrer'

/** Runs and loads nothing. Made once, when needed. @type {HTMLElement | undefined} */
let inert
/** @type {{createHTML(html: string): string} | undefined} */
let policy

/**
 * A comment's HTML as nodes.
 * @param {string} html
 */
export function trustedHtml(html) {
  const fragment = new DocumentFragment()
  try {
    // Moved, not copied: to make each element once more takes as long as to parse it.
    fragment.append(...cleaned(parse(html)).childNodes)
  } catch {
    // Trusted Types are enforced, no policy of ours is allowed, and there is no setHTML.
    const words = h('p.plain')
    fragment.append(words)
    part('plain').then(({plain}) => words.append(...plain(html, h, REL)), () => {})
  }
  return fragment
}

/** Parses without running or loading anything; throws where the page's policy allows no way. @param {string} html */
function parse(html) {
  inert ??= document.implementation.createHTMLDocument().body
  if (inert.setHTML) {
    // Our own list follows: to set up the browser's takes ten times as long as to parse. But no list
    // of ours could see into a shadow root, and a template may make one.
    inert.setHTML(html.replace(/<template/gi, '<p'), {sanitizer: {}})
    return inert
  }
  policy ??= window.trustedTypes?.createPolicy('afterword', {createHTML: (text) => text})
  return new DOMParser().parseFromString(policy?.createHTML(html) ?? html, 'text/html').body
}

/** Leaves only what is on our list, while it can do nothing yet; of the rest the words. @param {HTMLElement} parsed */
function cleaned(parsed) {
  for (const node of /** @type {NodeListOf<HTMLAnchorElement>} */ (parsed.querySelectorAll('*'))) {
    if (TAGS.includes(` ${node.tagName} `)) {
      for (const {name, value} of [...node.attributes]) if (!ATTRIBUTES[name]?.test?.(value)) node.removeAttribute(name)
      if (node.href) node.rel = REL
    } else node.replaceWith(...node.childNodes)
  }
  return parsed
}
