// @ts-check

/**
 * What is selected within an element, as a quotation to answer; '' for nothing.
 * @param {Element | null} [words]
 */
export function quotation(words) {
  const quoted = words && `${selected(words) || ''}`.trim()
  return quoted ? quoted.split('\n').map((line) => `> ${line}`).join('\n') + '\n\n' : ''
}

/** @param {Element} words */
function selected(words) {
  const root = /** @type {ShadowRoot & {getSelection?: () => Selection | null}} */ (words.getRootNode())
  // Chromium tells the root of what is selected in it, Firefox the page.
  const selection = root.getSelection?.() ?? getSelection()
  if (words.contains(selection?.anchorNode ?? null)) return words.contains(selection?.focusNode ?? null) && selection
  try {
    // Safari tells whoever names the root; its first ones want another argument, and throw.
    const [{startContainer, startOffset, endContainer, endOffset}] = selection?.getComposedRanges({shadowRoots: [root]}) ?? []
    const range = new Range()
    range.setStart(startContainer, startOffset)
    range.setEnd(endContainer, endOffset)
    return words.contains(range.commonAncestorContainer) && range
  } catch {}
}
