// @ts-check
import {drawing, h} from './dom.js'

/**
 * The author's picture where there is one, else a pattern drawn from the name: five columns, the
 * left ones mirrored, in a colour of its own.
 * @param {string} name @param {string | null | undefined} picture its address
 */
export function avatar(name, picture) {
  let bits = 0
  for (const sign of name) {
    bits = Math.imul(bits ^ sign.charCodeAt(0), 0x9e3779b1)
    bits ^= bits >>> 15
  }
  let path = ''
  for (let cell = 0; cell < 15; cell++) {
    const [column, row] = [cell % 3, (cell / 3) | 0]
    if ((bits >>> cell) & 1) for (const x of [column, 4 - column]) path += `M${x} ${row}h1v1h-1z`
  }
  const circle = h('span.avatar', {ariaHidden: 'true'}, drawing('-2 -2 9 9', path))
  // A strict policy refuses style attributes, but not this door.
  circle.style.setProperty('--hue', /** @type {any} */ (bits % 360))
  if (picture) {
    const image = h('img', {src: picture, alt: '', loading: 'lazy', onload: () => circle.replaceChildren(image)})
    circle.append(image)
  }
  return circle
}
