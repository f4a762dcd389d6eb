// @ts-check
// For pages whose policy forbids every way to place HTML, in browsers without `setHTML`.

/**
 * A comment's words with their links, where the page's policy allows no way to place HTML.
 * @param {string} html
 * @param {import('../types.js').Kit['h']} h
 * @param {string} rel what links say of where they lead
 */
export function plain(html, h, rel) {
  return words(html)
    .split(/(https?:\/\/[^\s<>"')]+)/)
    .map((part, n) => (n % 2 ? h('a', {href: part, rel}, part) : part))
}

/**
 * The same words without tags: paragraphs apart, links behind their text.
 * @param {string} html
 */
export function words(html) {
  /** @type {Record<string, string>} */
  const entities = {amp: '&', lt: '<', gt: '>', quot: '"'}
  return html
    .replace(/<a href="([^"]*)".*?>(.*?)<\/a>/g, (_, href, text) =>
      text === href ? href : `${text} (${href})`,
    )
    .replace(/<(br|\/p|\/li)>/g, '\n')
    .replace(/<.*?>/g, '')
    .replace(/&(\w+);/g, (_, name) => entities[name] ?? ' ')
    .trim()
}
