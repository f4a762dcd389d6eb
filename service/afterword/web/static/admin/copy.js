// Copy buttons beside texts. Hidden in the page: without this script there is nothing to press.
for (const button of document.querySelectorAll('[data-copy]')) {
  const source = document.getElementById(button.dataset.copy)
  const offer = button.textContent
  button.hidden = false
  button.setAttribute('aria-live', 'polite')
  button.addEventListener('click', async () => {
    source.select()
    try {
      await navigator.clipboard.writeText(source.value)
    } catch {
      document.execCommand('copy') // plain http has no clipboard of its own
    }
    button.focus() // selecting took it into the text
    button.textContent = button.dataset.copied
    setTimeout(() => { button.textContent = offer }, 2000)
  })
}
