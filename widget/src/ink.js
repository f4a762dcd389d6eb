// @ts-check

/** The least contrast between text and its ground: 4.5 (WCAG 2.2, 1.4.3), and what the tint below code takes. */
const LEAST = 5

/**
 * Keeps text readable where the page's own is faint: gives the root `--ink`, a stronger colour than
 * the page's, and `--faint`, that of what is said in a lower voice. A colour in another space than
 * sRGB or OKLab is left as it is.
 * @param {Element} host @param {HTMLElement} root
 */
export function strengthen(host, root) {
  const {color} = getComputedStyle(host)
  let ground = numbers(getComputedStyle(root).outlineColor)
  for (let at = /** @type {Element | null} */ (host); at; at = at.parentElement) {
    const found = numbers(getComputedStyle(at).backgroundColor)
    if (!(found[3] <= 0.5)) {
      ground = found
      break
    }
  }
  const under = light(ground)
  const edge = under > 0.18 ? 0 : 255
  // As it is seen: what is not opaque lets some of its ground through.
  const ink = numbers(color)
  const own = ground.map((value, at) => value + (ink[at] - value) * (ink[3] ?? 1))
  // Below that nobody would have written: the ground is another one, which is not to be found.
  const given = contrast(own, under)
  // In steps of a tenth towards black or white, until it can be read.
  let step = 0
  while (given > 2.5 && step < 10 && contrast(own.map((value) => value + ((edge - value) * step) / 10), under) < LEAST) step++
  root.style.setProperty('--ink', step ? `color-mix(in srgb, currentColor, ${edge ? 'white' : 'black'} ${step}0%)` : '')
  root.style.setProperty('--faint', given < 6 ? 'currentColor' : '')
}

/** @param {string} color as browsers tell it: `rgb(1, 2, 3)`, `rgba(1, 2, 3, 0.5)`, `oklch(0.5 0.1 20 / 0.5)` */
function numbers(color) {
  const found = (color.match(/[\d.e-]+/g) ?? []).map(Number)
  // The grey that is as light: OKLab's lightness is about the cube root of luminance.
  if (color[0] === 'o') found.fill(255 * found[0] ** 1.36, 0, 3)
  return /^[or]/.test(color) ? found : []
}

/** Relative luminance. @param {number[]} color */
function light(color) {
  const [red, green, blue] = color.map((value) => (value / 255) ** 2.2)
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

/** @param {number[]} color @param {number} under */
function contrast(color, under) {
  const ratio = (light(color) + 0.05) / (under + 0.05)
  return Math.max(ratio, 1 / ratio)
}
