// What a hostile comment would leave behind, looked for in a page and in all its shadow roots.

window.ran = []
for (const name of ['alert', 'confirm', 'prompt', 'print', 'open']) {
  window[name] = (...words) => { window.ran.push(`${name}(${words})`) }
}
document.addEventListener('securitypolicyviolation', (event) => {
  window.ran.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`)
})

function everything (root = document, found = []) {
  for (const element of root.querySelectorAll('*')) {
    found.push(element)
    if (element.shadowRoot) everything(element.shadowRoot, found)
  }
  return found
}

/** Do to every element what a reader might do, without following its link. */
function poke () {
  for (const element of everything()) {
    for (const name of ['mouseover', 'mouseenter', 'focus', 'pointerdown', 'toggle', 'animationstart', 'load', 'error']) {
      element.dispatchEvent(new Event(name, {bubbles: false, cancelable: true}))
    }
    if (element.localName === 'a') element.addEventListener('click', (event) => event.preventDefault(), {once: true})
    if (element.localName === 'a') element.dispatchEvent(new MouseEvent('click', {cancelable: true}))
  }
}

const RUNS = /^(script|iframe|object|embed|svg|math|base|link|meta|form|input|button|style|img|video|audio)$/
const OWN = /^(https?|mailto):$/

/** What is wrong with the page, in words. `text` selects the places where comments' HTML stands. */
window.audit = (text, own) => {
  poke()
  const wrong = [...window.ran]
  for (const element of everything()) {
    const said = element.outerHTML.slice(0, 200)
    for (const {name} of element.attributes) if (/^on/i.test(name)) wrong.push(`handler: ${said}`)
    if (element.localName === 'a' && element.hasAttribute('href')) {
      const {protocol, origin} = element
      if (!OWN.test(protocol)) wrong.push(`scheme ${protocol}: ${said}`)
      const rel = element.rel.split(' ')
      const lacks = ['nofollow', 'ugc', 'noopener'].filter((word) => !rel.includes(word))
      if (/^https?:$/.test(protocol) && !own.includes(origin) && lacks.length) wrong.push(`rel: ${said}`)
    }
    if (!element.closest(text)) continue
    if (RUNS.test(element.localName)) wrong.push(`element: ${said}`)
    if (element.namespaceURI !== 'http://www.w3.org/1999/xhtml') wrong.push(`namespace: ${said}`)
    if (element.matches(`${text} *`)) {
      for (const name of ['id', 'name', 'style', 'slot', 'part', 'is', 'target', 'ping']) {
        if (element.hasAttribute(name)) wrong.push(`${name}: ${said}`)
      }
    }
  }
  return wrong
}
