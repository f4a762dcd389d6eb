// @ts-check

/** What can be chosen of the look without a style sheet: each becomes a variable of the root's. */
const CHOSEN = ['accent', 'radius', 'font']

/**
 * Dresses the root as the page's author chose, else as the site's owner did.
 * @param {HTMLElement} root
 * @param {import('./types.js').Options} options
 * @param {Record<string, string>} [look] the site's
 */
export function dress(root, options, look = {}) {
  const chosen = [options.theme || look.theme, options.density || look.density]
  root.className = root.part.value = ['root', ...chosen].filter(Boolean).join(' ')
  for (const name of CHOSEN) root.style.setProperty(`--look-${name}`, look[name] ?? null)
}
