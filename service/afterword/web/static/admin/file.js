// Reads a chosen file into a field, so that nothing is sent before somebody has seen it.
for (const picker of document.querySelectorAll('[data-into]')) {
  picker.closest('.field').hidden = false
  picker.addEventListener('change', async () => {
    const [file] = picker.files
    if (file) document.getElementById(picker.dataset.into).value = await file.text()
  })
}
