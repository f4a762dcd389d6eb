// @ts-check

/** The tag itself. Only while the script starts, and not in modules, the page says which one runs. */
export const script = /** @type {HTMLScriptElement} */ (document.currentScript)
/** The service's address, with its last slash. */
export const base = new URL('.', script.src)
