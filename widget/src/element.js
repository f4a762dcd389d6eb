// @ts-check
import {api} from './api.js'
import css from './styles.css'
import {commentIn, options} from './options.js'
import {threadView} from './thread.js'

/** How far below the visible part of the page a thread may be and still be fetched. */
const NEAR = '600px 0px'

/**
 * Registers `<afterword-thread>`.
 * @param {URL} base the service's address, with its last slash
 * @param {DOMStringMap} script the script's attributes, which hold where an element has none
 */
export function define(base, script) {
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(css)

  class AfterwordThread extends HTMLElement {
    static observedAttributes = ['data-url', 'data-page']

    // Private: `this.slot`, `this.title` and their like are attributes of the page's.
    /** @type {AbortController | undefined} */
    #running

    connectedCallback() {
      this.disconnectedCallback()
      this.#running = new AbortController()
      const {signal} = this.#running
      const chosen = options(this.dataset, script)
      const {root, show, go} = threadView(api(base, chosen, signal), chosen, {
        base,
        emit: (name, detail) =>
          // Aborted requests are no failure: the thread has left the page.
          signal.aborted ||
          this.dispatchEvent(new CustomEvent('afterword:' + name, {bubbles: true, composed: true, detail})),
      })
      const shadow = this.shadowRoot ?? this.attachShadow({mode: 'open'})
      shadow.adoptedStyleSheets = [sheet]
      shadow.replaceChildren(root)
      const named = () => commentIn(location.href)
      addEventListener('hashchange', () => go(named()), {signal})
      const watch = new IntersectionObserver((seen) => {
        if (seen.some((entry) => entry.isIntersecting)) begin()
      }, {rootMargin: NEAR})
      const begin = () => {
        watch.disconnect()
        show(named())
      }
      signal.onabort = () => watch.disconnect()
      if (named() || chosen.eager != null) begin()
      else watch.observe(this)
    }

    disconnectedCallback() {
      this.#running?.abort()
      this.#running = undefined
    }

    attributeChangedCallback() {
      if (this.#running) this.connectedCallback()
    }
  }

  customElements.define('afterword-thread', AfterwordThread)
}
