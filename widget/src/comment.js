// @ts-check
import {t} from './messages.js'
import {REL, trustedHtml} from './html.js'
import {button, h} from './dom.js'
import {avatar} from './avatar.js'
import {bare} from './options.js'
import {ballot} from './votes.js'

/**
 * One comment, without its replies. Its controls have names: by them the focus finds its way when
 * the comment is drawn anew.
 * @param {import('./types.js').Look} look
 * @param {import('./types.js').Acts} acts
 */
export function commentView(look, acts) {
  const {comment, answered, isOpen, form, menu, below, isFolded, isNew} = look
  const {id, parent, author, state, created, edited, source, wrong} = comment
  const whole = {id: `comment-${id}`, tabIndex: -1}
  const error = wrong && h('p.error', {role: 'alert'}, wrong)
  const fold = !!below && button('act fold', t(isFolded ? 'unfold' : 'fold', {n: below}), acts.fold,
    {name: 'fold', ariaExpanded: !isFolded})
  if (!author || state === 'removed') {
    return h('article.comment', whole,
      h('div.acts', h('p.soft', t('removed')), fold, ...acts.controls()), error)
  }
  const {website} = author
  const name = author.name || t('anonymous')
  const isLink = /^https?:/i.test(website ?? '')
  const isVisible = state === 'visible'
  return h(isNew ? 'article.comment new' : 'article.comment', whole, {ariaLabel: name},
    avatar(name, author.avatar),
    h('header',
      h(isLink ? 'a.author' : 'span.author', {dir: 'auto'}, isLink && {href: website, rel: REL}, name),
      author.is_moderator ? h('span.badge', t('owner')) : author.is_verified && h('span.badge', t('verified')),
      comment.is_pinned && h('span.badge', t('pinned')),
      // As the service writes it, until somebody points there: see parts/live.js.
      h('a.soft time', {href: permalink(id), target: '_self'}, h('time', {dateTime: created, title: created})),
      edited && h('span.soft', t('edited')),
      source && h('a.soft', {href: source, rel: REL}, source.split('/')[2]),
      answered && h('a.soft', {href: permalink(parent), target: '_self'}, t('in_reply_to', {name: answered}))),
    h('div.text', {dir: 'auto', lang: comment.lang ?? ''},
      comment.quote && h('blockquote.passage', comment.quote),
      trustedHtml(comment.html)),
    state === 'pending' && h('p.notice', t(state)),
    h('div.acts',
      isOpen && isVisible && button('act reply', t('reply'), () => acts.open('reply'),
        {name: 'reply', ariaLabel: t('reply_to', {name}), ariaExpanded: form === 'reply'}),
      ...(isVisible ? ballot(look, acts) : []),
      ...acts.controls(),
      fold,
      isVisible && button('act more', '···', () => acts.open('menu'),
        {name: 'menu', ariaLabel: t('more_about', {name}), ariaExpanded: menu})),
    error)
}

/**
 * A full address: with a bare fragment, a <base> element would lead away from the page.
 * @param {string | null} id @param {string} [address] of the page
 */
export function permalink(id, address = location.href) {
  return `${bare(new URL(address))}#comment-${id}`
}
