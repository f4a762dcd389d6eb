// @ts-check
// What points to the page from elsewhere, and what answers its post on the fediverse, where anything
// does: a quiet list below the thread.

import css from './elsewhere.css'

export const words = WORDS

/**
 * @param {import('../types.js').Kit} kit
 * @param {HTMLElement} root
 * @param {import('../types.js').Thread} thread
 */
export function list({h, t, adopt, trustedHtml}, root, {mentions, fediverse}) {
  const rel = 'nofollow ugc noopener noreferrer'
  const said = [...mentions, ...fediverse?.replies ?? []]
  adopt(css)
  root.querySelector('.elsewhere')?.remove()
  root.append(h('section.elsewhere', h('h3.heading', t('elsewhere_title')),
    // Where they can be answered.
    fediverse && h('a', {href: fediverse.post, rel}, fediverse.post.replace(/^\w+:\/\//, '')),
    h('ul', {role: 'list'}, ...said.map(item))))

  /** @param {import('../types.js').Mention} mention */
  function item({kind, name, source, avatar, html, lang}) {
    // A reply to the post is named by its server: what it is, one sees. Else each language has its own order.
    const words = kind === 'fediverse' ? new URL(source).host : t(`elsewhere_${kind}`, {name: '\n'})
    // An owner's own words may name nobody: theirs come behind the name.
    const [before, behind] = (words.includes('\n') ? words : `\n ${words}`).split('\n')
    return h('li',
      avatar && h('img', {src: avatar, alt: '', loading: 'lazy'}),
      h('span.soft', before),
      h('a.author', {dir: 'auto', href: source, rel}, name || t('anonymous')),
      h('span.soft', behind),
      h('div', {dir: 'auto', lang: lang ?? ''}, trustedHtml(html)))
  }
}
