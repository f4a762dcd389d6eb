// @ts-check
import {api} from './api.js'
import {script} from './script.js'
import {commentIn, options} from './options.js'
import {choose, speak} from './messages.js'
import css from './styles.css'
import {strengthen} from './ink.js'
import {threadView} from './thread.js'

/** How far below the visible part of the page a thread may be and still be fetched. */
const NEAR = '600px 0px'

/** The language of all threads and counts: the page's, as the place of its first thread says, else the browser's. */
export function language() {
  /** @type {HTMLElement} */
  const first = document.querySelector('afterword-thread') ?? document.documentElement
  return choose([first.dataset.lang ?? script.dataset.lang, first.closest('[lang]')?.getAttribute('lang'), ...navigator.languages])
}

/** Registers `<afterword-thread>`. The script's attributes hold where an element has none. */
export function define() {
  class AfterwordThread extends HTMLElement {
    static observedAttributes = ['data-url', 'data-page', 'data-theme', 'data-density']

    // Private: `this.slot`, `this.title` and their like are attributes of the page's.
    /** @type {AbortController | undefined} */
    #running
    /** The language and the page that the thread is of. */
    #shown = ''
    /** Gives it the look that was chosen. @type {((chosen: import('./types.js').Options) => void) | undefined} */
    #dress

    connectedCallback() {
      this.reload()
    }

    disconnectedCallback() {
      this.#running?.abort()
      this.#running = undefined
    }

    /** @param {string} name */
    attributeChangedCallback(name) {
      if (!this.#running) return
      // Nothing that is open closes for another look.
      if (/theme|density/.test(name)) this.#dress?.(options(this.dataset))
      else this.reload()
    }

    /** Whether the page has become another one, by its address where that says so, or by its language. */
    get isStale() {
      return this.isConnected && language() + options(this.dataset).url !== this.#shown
    }

    /** Shows the thread anew, of the page that the address and the attributes mean now. */
    async reload() {
      this.disconnectedCallback()
      this.#running = new AbortController()
      const {signal} = this.#running
      const chosen = options(this.dataset)
      const spoken = language()
      // What a router has left in it is another page's.
      if (this.#shown && this.isStale) delete this.dataset.baked
      this.#shown = spoken + chosen.url
      await speak(spoken)
      if (signal.aborted) return
      const shadow = this.shadowRoot ?? this.attachShadow({mode: 'open'})
      shadow.adoptedStyleSheets = []
      /** @type {Record<string, CSSStyleSheet>} */
      const adopted = {}
      const adopt = (/** @type {string} */ css) => {
        if (adopted[css]) return
        const sheet = adopted[css] = new CSSStyleSheet()
        sheet.replaceSync(css)
        shadow.adoptedStyleSheets.push(sheet)
      }
      adopt(css)
      const {root, show, go, look} = threadView(api(chosen, signal), chosen, {
        host: this,
        signal,
        adopt,
        restart: () => this.reload(),
        emit: (name, detail) =>
          // Aborted requests are no failure: the thread has left the page.
          signal.aborted ||
          this.dispatchEvent(new CustomEvent('afterword:' + name, {bubbles: true, composed: true, detail})),
      })
      this.#dress = look
      shadow.replaceChildren(root)
      // With the frame: asked sooner, the browser would lay the page out once more.
      const ink = () => strengthen(this, root)
      requestAnimationFrame(ink)
      // The colour that it inherits has a moment of transition for this: a page that turns dark says so.
      root.ontransitionend = ({target}) => target === root && ink()
      // What the text stands on may still have been fading then.
      document.addEventListener('transitionend', ({target}) =>
        /** @type {Node} */ (target).contains(this) && ink(), {signal})
      const named = () => commentIn(location.href)
      addEventListener('hashchange', () => go(named()), {signal})
      const watch = new IntersectionObserver((seen) => {
        if (seen.some((entry) => entry.isIntersecting)) begin()
      }, {rootMargin: NEAR})
      const begin = () => {
        watch.disconnect()
        // Routers may change the address first, and what says which page it is of a moment later.
        if (this.isStale) return this.reload()
        signal.aborted || show(named())
      }
      // In a task of its own, as the observer's is.
      if (named() || 'eager' in chosen) setTimeout(begin)
      else watch.observe(this)
    }
  }

  customElements.define('afterword-thread', AfterwordThread)
}
