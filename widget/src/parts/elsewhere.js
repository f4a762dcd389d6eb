// @ts-check
// What points to the page from elsewhere, where anything does: a quiet list below the thread.

import css from './elsewhere.css'

export const words = WORDS

/**
 * @param {import('../types.js').Kit} kit
 * @param {HTMLElement} root
 * @param {import('../types.js').Mention[]} mentions
 */
export function list({h, t, adopt, trustedHtml}, root, mentions) {
  adopt(css)
  root.querySelector('.elsewhere')?.remove()
  root.append(h('section.elsewhere', h('h3.heading', t('elsewhere_title')),
    h('ul', {role: 'list'}, ...mentions.map(({kind, name, source, avatar, html}) => h('li',
      avatar && h('img', {src: avatar, alt: '', loading: 'lazy'}),
      h('a.author', {dir: 'auto', href: source, rel: 'nofollow ugc noopener noreferrer'}, name || t('anonymous')),
      h('span.soft', ` ${t(`elsewhere_${kind}`)}`), trustedHtml(html))))))
}
