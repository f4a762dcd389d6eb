// @ts-check
// What this browser remembers for the blog, in the blog's own storage. No cookie, and nothing of
// it leaves the browser but the secret, which proves that a comment is one's own.
// Storage may be forbidden or full: then the widget works and forgets.

const PREFIX = 'afterword:'

/** @param {string} key @returns {any} */
export function recall(key) {
  try {
    const kept = localStorage[PREFIX + key]
    // Nothing is no failure: an error that is made takes as long as three comments to draw.
    return kept && JSON.parse(kept)
  } catch {
    // As if there were nothing.
  }
}

/**
 * Keeps a value; an empty one forgets it.
 * @param {string} key
 * @param {unknown} value
 */
export function remember(key, value) {
  try {
    if (value) localStorage[PREFIX + key] = JSON.stringify(value)
    else delete localStorage[PREFIX + key]
  } catch {}
}

/** 256 random bits as 56 letters and digits. `randomUUID` is missing on plain http pages. */
export function randomKey() {
  const bits = [...crypto.getRandomValues(new Uint32Array(8))]
  return bits.map((part) => part.toString(36).padStart(7, '0')).join('')
}
