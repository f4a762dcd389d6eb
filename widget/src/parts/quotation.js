// @ts-check

/**
 * What is selected within an element, as a quotation to answer; '' for nothing.
 * @param {Element | null} [words]
 */
export function quotation(words) {
  if (!words) return ''
  const root = /** @type {ShadowRoot & {getSelection?: () => Selection | null}} */ (words.getRootNode())
  // Chromium tells the root of what is selected in it, others the page.
  const selection = root.getSelection?.() ?? getSelection()
  if (!selection?.rangeCount || !words.contains(selection.anchorNode) || !words.contains(selection.focusNode)) return ''
  const quoted = selection.toString().trim()
  return quoted && quoted.split('\n').map((line) => `> ${line}`).join('\n') + '\n\n'
}
