// @ts-check
// Keys to read by, where the page's author wants them (`data-keys`).

export const words = WORDS

/**
 * j goes to the next comment, k to the one before. Only from within the thread (WCAG 2.2, 2.1.4),
 * and not while somebody types.
 * @param {HTMLElement} root
 */
export function listen(root) {
  root.addEventListener('keydown', (event) => {
    const step = {j: 1, k: -1}[event.key]
    const from = /** @type {Element} */ (event.target)
    if (!step || event.altKey || event.ctrlKey || event.metaKey || from.closest('input, select, textarea')) return
    // Those that are folded away are not in the list.
    const comments = [.../** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll('.comment'))]
    const here = from.closest('li')?.querySelector('.comment')
    const next = comments[comments.findIndex((one) => one === here) + step]
    if (next) {
      next.focus({preventScroll: true})
      next.scrollIntoView()
    }
    event.preventDefault()
  })
}
