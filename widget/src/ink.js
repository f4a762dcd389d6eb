// @ts-check

/** The least contrast between small text and its ground (WCAG 2.2, 1.4.3). */
const LEAST = 4.5

/**
 * Keeps text readable where the page's own is faint: gives the root `--ink`, a stronger colour than
 * the page's, and `--faint`, that of what is said in a lower voice. A colour in another space than
 * sRGB is left as it is.
 * @param {Element} host @param {HTMLElement} root
 */
export function strengthen(host, root) {
  /** @type {number[] | undefined} */
  let ground
  for (let at = /** @type {Element | null} */ (host); at && !ground; at = at.parentElement) {
    const [red, green, blue, alpha = 1] = numbers(getComputedStyle(at).backgroundColor)
    if (alpha > 0.5) ground = [red, green, blue]
  }
  const {color, colorScheme} = getComputedStyle(host)
  const under = light(ground ?? (colorScheme === 'dark' ? [18, 18, 18] : [255, 255, 255]))
  const edge = under > 0.18 ? 0 : 255
  const own = numbers(color)
  // In steps of a tenth towards black or white, until it can be read.
  let step = 0
  while (step < 10 && contrast(own.map((value) => value + ((edge - value) * step) / 10), under) < LEAST) step++
  root.style.setProperty('--ink', step ? `color-mix(in srgb, currentColor, rgb(${edge} ${edge} ${edge}) ${step}0%)` : '')
  root.style.setProperty('--faint', contrast(own, under) < 6 ? 'currentColor' : '')
}

/** @param {string} color as browsers tell it: `rgb(1, 2, 3)`, `rgba(1, 2, 3, 0.5)` */
function numbers(color) {
  return color.startsWith('rgb') ? (color.match(/[\d.]+/g) ?? []).map(Number) : []
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
