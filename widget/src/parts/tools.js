// @ts-check
// Marks by buttons and keys, links by pasting, a preview.

/**
 * What each button puts around the selection: before it, behind it; the key with Ctrl; its picture,
 * drawn on 24 by 24. @type {[name: string, before: string, behind: string, key: string, picture: string][]}
 */
const MARKS = [
  ['bold', '**', '**', 'b', 'M7 5h6a3.5 3.5 0 0 1 0 7H7zm0 7h7a3.5 3.5 0 0 1 0 7H7z'],
  ['italic', '*', '*', 'i', 'M10 5h8M6 19h8M14 5l-4 14'],
  ['link', '[', '](https://)', 'k',
    'M10 14a4 4 0 0 0 6 .5l3-3a4 4 0 0 0-6-6L11.5 7M14 10a4 4 0 0 0-6-.5l-3 3a4 4 0 0 0 6 6l1.5-1.5'],
  ['quote', '> ', '', '.', 'M5 6v12M10 7h9M10 12h9M10 17h6'],
  ['code', '`', '`', 'e', 'm9 7-5 5 5 5m6-10 5 5-5 5'],
]

/** Where Ctrl with a letter moves in a text, or takes away of it. */
const IS_APPLE = /Mac|iP/.test(navigator.platform)

/** How a key with Ctrl is called here. @param {string} key */
export function keys(key) {
  return (IS_APPLE ? '⌘' : 'Ctrl+') + key
}

/**
 * Gives a form its tools.
 * @param {import('../types.js').Kit} kit
 * @param {{text: HTMLTextAreaElement, bar: HTMLElement, form: HTMLFormElement}} given `bar` is the place for them
 * @param {(text: string) => Promise<string>} preview the text's HTML; rejects with a Failure
 * @returns {{reset: () => void, insert: (words: string) => void}} `reset` leaves the preview
 */
export function equip({h, button, drawing, t, trustedHtml, explain}, {text, bar, form}, preview) {
  const shown = h('div.preview text', {dir: 'auto', role: 'region', ariaLabel: t('write_preview'), hidden: true, tabIndex: -1})
  const marks = MARKS.map(([name, before, behind, key, picture], n) =>
    button('tool', '', () => mark(before, behind), {
      ariaLabel: t('write_' + name), title: `${t('write_' + name)} (${keys(key.toUpperCase())})`, tabIndex: n ? -1 : 0,
    }, drawing('0 0 24 24', picture)))
  const look = button('act look', t('write_preview'), () => show())
  bar.append(h('div.marks', {role: 'toolbar', ariaLabel: t('write_marks'), onkeydown: walk}, ...marks), look)
  bar.before(shown)
  text.addEventListener('keydown', press)
  text.addEventListener('paste', paste)
  // What is refused is shown at the text.
  form.addEventListener('submit', reset)
  return {reset, insert}

  /** Leaves the preview. */
  function reset() {
    if (!shown.hidden) show(!form.matches(':focus-within'))
  }

  /** One stop for Tab; the arrows go from mark to mark. @param {KeyboardEvent} event */
  function walk({key}) {
    const by = {ArrowRight: 1, ArrowLeft: -1}[key]
    if (!by) return
    const at = marks.findIndex((mark) => mark.tabIndex === 0)
    // As `:dir()` would tell; browsers of 2023 do not know it.
    const onwards = getComputedStyle(bar).direction === 'rtl' ? -by : by
    const next = marks[(at + onwards + marks.length) % marks.length]
    marks[at].tabIndex = -1
    next.tabIndex = 0
    next.focus()
  }

  /** @param {KeyboardEvent} event */
  function press(event) {
    if (!(IS_APPLE ? event.metaKey : event.ctrlKey) || event.altKey || event.shiftKey) return
    for (const [, before, behind, key] of MARKS) {
      if (key === event.key.toLowerCase()) {
        event.preventDefault()
        mark(before, behind)
      }
    }
  }

  /** An address that is pasted over words becomes their link. @param {ClipboardEvent} event */
  function paste(event) {
    const address = event.clipboardData?.getData('text/plain').trim() ?? ''
    const words = text.value.slice(text.selectionStart, text.selectionEnd)
    if (!/^https?:\/\/\S+$/.test(address) || !words.trim() || /^https?:\/\//.test(words)) return
    event.preventDefault()
    insert(`[${words}](${address})`)
  }

  /** Puts marks around the selection, or takes them away where they stand already. @param {string} before @param {string} behind */
  function mark(before, behind) {
    // Nobody changes what they do not see.
    reset()
    text.focus()
    const {selectionStart: start, selectionEnd: end, value} = text
    const words = value.slice(start, end)
    if (!behind) return quote()
    const stands = (/** @type {string} */ sign, last = sign) => value.slice(0, start).endsWith(sign) && value.slice(end).startsWith(last)
    // One star is italic, two are bold, three are both, of which each comes off alone.
    if (stands(before, behind) && (before !== '*' || stands('***') || !stands('**'))) {
      text.setSelectionRange(start - before.length, end + behind.length)
      insert(words)
      text.setSelectionRange(start - before.length, end - before.length)
    } else {
      insert(before + words + behind)
      // Where one goes on typing: the address of a link that has words, else between the marks.
      const at = start + before.length
      if (behind.length > 3 && words) text.setSelectionRange(end + before.length + 2, end + before.length + behind.length - 1)
      else text.setSelectionRange(at, at + words.length)
    }
  }

  /**
   * Makes a quotation of whole lines: elsewhere its sign says nothing. A blank line ends it, else
   * what follows would be quoted with it.
   */
  function quote() {
    const {selectionStart: start, selectionEnd: end, value} = text
    const from = value.slice(0, start).lastIndexOf('\n') + 1
    // A line is not selected by the break before it.
    const last = start + value.slice(start, end).trimEnd().length
    const to = `${value}\n`.indexOf('\n', last)
    const lines = value.slice(from, to).split('\n').map((line) => `> ${line}`).join('\n')
    text.setSelectionRange(from, to)
    insert(lines + '\n\n'.slice(value.slice(to, to + 2).split('\n').length - 1))
    // Where one goes on typing: behind what was selected, else in the line.
    const at = start < end ? from + lines.length + 2 : start + 2
    text.setSelectionRange(at, at)
  }

  /** Over the selection, so that Ctrl+Z takes it back: no newer way keeps that. @param {string} words */
  function insert(words) {
    if (!document.execCommand('insertText', false, words)) {
      text.setRangeText(words)
      text.dispatchEvent(new InputEvent('input', {bubbles: true}))
    }
  }

  /** @param {boolean} [isQuiet] that the focus stays where it is */
  async function show(isQuiet) {
    const isOn = shown.hidden
    look.textContent = t(isOn ? 'write_on' : 'write_preview')
    text.hidden = isOn
    shown.hidden = !isOn
    if (!isOn) return isQuiet || text.focus()
    shown.replaceChildren(t('write_wait'))
    try {
      const html = text.value.trim() ? await preview(text.value) : ''
      shown.replaceChildren(html ? trustedHtml(html) : t('write_no_text'))
    } catch (error) {
      shown.replaceChildren(explain(/** @type {import('../types.js').Failure} */ (error)))
    }
    // It is read out, unless somebody has gone on meanwhile.
    if (look.matches(':focus')) shown.focus()
  }
}
