// @ts-check
import {api} from './api.js'
import css from './styles.css'
import {strengthen} from './ink.js'
import {speak} from './messages.js'
import {commentIn, options} from './options.js'
import {script} from './script.js'
import {threadView} from './thread.js'

/** How far below the visible part of the page a thread may be and still be fetched. */
const NEAR = '600px 0px'

/** Registers `<afterword-thread>`. The script's attributes hold where an element has none. */
export function define() {
  class AfterwordThread extends HTMLElement {
    static observedAttributes = ['data-url', 'data-page', 'data-theme', 'data-density']

    // Private: `this.slot`, `this.title` and their like are attributes of the page's.
    /** @type {AbortController | undefined} */
    #running
    /** The page that the thread is of. */
    #url = ''

    connectedCallback() {
      this.reload()
    }

    disconnectedCallback() {
      this.#running?.abort()
      this.#running = undefined
    }

    attributeChangedCallback() {
      if (this.#running) this.reload()
    }

    /** Whether the address has become another page's, where the address says which it is. */
    get isStale() {
      return this.isConnected && options(this.dataset, script.dataset).url !== this.#url
    }

    /** Shows the thread anew, of the page that the address and the attributes mean now. */
    async reload() {
      this.disconnectedCallback()
      this.#running = new AbortController()
      const {signal} = this.#running
      const chosen = options(this.dataset, script.dataset)
      this.#url = chosen.url
      await speak([chosen.lang, this.closest('[lang]')?.getAttribute('lang')])
      if (signal.aborted) return
      const shadow = this.shadowRoot ?? this.attachShadow({mode: 'open'})
      shadow.adoptedStyleSheets = []
      const adopted = new Set()
      const adopt = (/** @type {string} */ css) => {
        if (adopted.has(css)) return
        adopted.add(css)
        const sheet = new CSSStyleSheet()
        sheet.replaceSync(css)
        shadow.adoptedStyleSheets.push(sheet)
      }
      adopt(css)
      const {root, show, go} = threadView(api(chosen, signal), chosen, {
        host: this,
        signal,
        adopt,
        restart: () => this.reload(),
        emit: (name, detail) =>
          // Aborted requests are no failure: the thread has left the page.
          signal.aborted ||
          this.dispatchEvent(new CustomEvent('afterword:' + name, {bubbles: true, composed: true, detail})),
      })
      shadow.replaceChildren(root)
      strengthen(this, root)
      // The colour that it inherits has a moment of transition for this: a page that turns dark says so.
      root.ontransitionend = ({target}) => target === root && strengthen(this, root)
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
  }

  customElements.define('afterword-thread', AfterwordThread)
}
