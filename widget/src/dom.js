// @ts-check
/** @typedef {globalThis.Node | string | Record<string, any> | null | undefined | false} Part */

/**
 * An element: `h('p.soft', {hidden: true}, 'words')`. Text is text: strings become text nodes,
 * never HTML. Objects set properties, listeners among them. The class is also the part's name:
 * what we can style, an owner can.
 * @template {string} K
 * @param {K} kind
 * @param {...Part} parts
 * @returns {import('./types.js').Made<K>}
 */
export function h(kind, ...parts) {
  const element = /** @type {HTMLElement} */ ((models[kind] ??= model(kind)).cloneNode())
  for (const part of parts) {
    if (typeof part === 'string' || part instanceof Node) element.append(part)
    else Object.assign(element, part)
  }
  return /** @type {any} */ (element)
}

/** An element of each kind: a copy takes a third of the time, and there are thousands. @type {Record<string, Element>} */
const models = Object.create(null)

/** @param {string} kind */
function model(kind) {
  const [tag, look] = kind.split('.')
  const made = document.createElement(tag)
  if (look) made.className = made.part.value = look
  return made
}

/**
 * A button that acts, and never submits a form around it.
 * @param {string} look
 * @param {string} words
 * @param {() => void} onclick
 * @param {...Part} more
 */
export function button(look, words, onclick, ...more) {
  return h(`button.button ${look}`, {type: 'button', onclick}, words, ...more)
}

/**
 * Puts items into a list in this order and takes the others out. Items that are in place stay
 * untouched, and the one that holds the focus is never moved: moving would blur and deselect.
 * @param {Element} list
 * @param {Element[]} items
 * @param {Element | null} focused
 */
export function arrange(list, items, focused) {
  for (const old of [...list.children]) if (!items.includes(old)) old.remove()
  let place = list.firstElementChild
  for (const item of items) {
    // Those before the focused one go to the end; each finds its place when its turn comes.
    while (place && place !== item && item.parentNode === list && item.contains(focused)) {
      const stray = place
      place = place.nextElementSibling
      list.append(stray)
    }
    if (item === place) place = place.nextElementSibling
    else list.insertBefore(item, place)
  }
}

/**
 * A drawing in the text's colour.
 * @param {string} frame its corner and size
 * @param {string} path
 */
export function drawing(frame, path) {
  const [drawn, line] = ['svg', 'path'].map((name) => document.createElementNS('http://www.w3.org/2000/svg', name))
  drawn.setAttribute('viewBox', frame)
  line.setAttribute('d', path)
  drawn.append(line)
  return drawn
}
