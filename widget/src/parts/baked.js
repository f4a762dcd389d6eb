// @ts-check
// A thread that a generator has written into the page (docs/bake.md), taken over: read from its HTML,
// so that only what is newer has to be fetched.

/** @typedef {import('../types.js').Comment} Comment */

export const words = WORDS

/**
 * The comments that an element holds, with what became of them since: flat, each with its parent.
 * @param {Element} host
 * @param {{comments: Comment[], gone: string[]}} since
 * @returns {Comment[]}
 */
export function upgrade(host, {comments, gone}) {
  const newer = new Set([...gone, ...comments.map(({id}) => id)])
  const held = [...host.querySelectorAll('li[id^="comment-"]')].map(read)
  return [...held.filter(({id}) => !newer.has(id)), ...comments]
}

/** @param {Element} item @returns {Comment} */
function read(item) {
  const {author, ...unsaid} = JSON.parse(item.getAttribute('data-unsaid') ?? '{}')
  const article = item.querySelector(':scope > article')
  const header = article?.querySelector('header')
  return {
    id: item.id.slice('comment-'.length),
    parent: item.parentElement?.closest('li')?.id.slice('comment-'.length) ?? null,
    author: header && article ? {
      name: header.querySelector('b')?.textContent ?? null,
      website: header.querySelector('a:has(b)')?.getAttribute('href') ?? null,
      is_moderator: false,
      is_verified: false,
      ...author,
    } : null,
    html: article?.querySelector(':scope > div')?.innerHTML ?? '',
    quote: article?.querySelector(':scope > blockquote')?.textContent ?? null,
    created: header?.querySelector('time')?.getAttribute('datetime') ?? '',
    edited: null,
    state: article ? 'visible' : 'removed',
    is_pinned: false,
    lang: null,
    score: 0,
    up: 0,
    reactions: {},
    ...unsaid,
  }
}
