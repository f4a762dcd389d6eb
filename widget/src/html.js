// @ts-check
// The one door for a comment's HTML, which the server has sanitized. Never innerHTML: pages that
// enforce Trusted Types would refuse it, and it would trust every byte between us and the server.

import {h} from './dom.js'
import {part} from './part.js'

/** The server's own list (markup/allowed.py). */
const TAGS = ' a b blockquote br code del em hr i li ol p pre s strong ul '
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
  const parsed = parse(html)
  if (parsed) copy(parsed, fragment)
  else {
    const words = h('p.plain')
    fragment.append(words)
    part('plain').then(({plain}) => words.append(...plain(html, h, REL)), () => {})
  }
  return fragment
}

/**
 * Parses without running or loading anything; undefined where the page's policy allows no way.
 * @param {string} html
 */
function parse(html) {
  inert ??= document.implementation.createHTMLDocument().body
  try {
    // Our own list follows: to set up the browser's takes ten times as long as to parse.
    if (inert.setHTML) inert.setHTML(html, {sanitizer: {}})
    else {
      policy ??= window.trustedTypes?.createPolicy('afterword', {createHTML: (text) => text})
      return new DOMParser().parseFromString(policy?.createHTML(html) ?? html, 'text/html').body
    }
    return inert
  } catch {
    // Trusted Types are enforced, no policy of ours is allowed, and there is no setHTML.
  }
}

/** @param {globalThis.Node} from @param {globalThis.Node & ParentNode} to */
function copy(from, to) {
  for (const node of from.childNodes) {
    if (!(node instanceof Element)) to.append(node.nodeValue ?? '')
    else if (TAGS.includes(` ${node.localName} `)) {
      const made = h(/** @type {'a'} */ (node.localName))
      for (const {name, value} of node.attributes) if (ATTRIBUTES[name]?.test?.(value)) made.setAttribute(name, value)
      if (made.href) made.rel = REL
      copy(node, made)
      to.append(made)
    } else copy(node, to)
  }
}
