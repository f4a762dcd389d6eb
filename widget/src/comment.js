// @ts-check
import {t} from './messages.js'
import {REL, trustedHtml} from './html.js'
import {ago, dates} from './time.js'
import {button, h} from './dom.js'
import {ownControls} from './own.js'
import {ballot} from './votes.js'

/**
 * One comment, without its replies. Its controls have names: by them the focus finds its way when
 * the comment is drawn anew.
 * @param {import('./types.js').Look} look
 * @param {import('./types.js').Acts} acts
 */
export function commentView(look, acts) {
  const {comment, answered, isOpen, form} = look
  const {id, parent, author, state, created, edited, wrong} = comment
  const whole = {id: `comment-${id}`, tabIndex: -1}
  const error = wrong && h('p.error', {role: 'alert'}, wrong)
  if (!author || state === 'removed') {
    return h('article.comment', whole,
      h('div.acts', h('p.soft', t('removed')), ...ownControls(look, acts)), error)
  }
  const {website} = author
  const name = author.name || t('anonymous')
  const then = new Date(created)
  const isLink = /^https?:/i.test(website ?? '')
  const circle = h('span.avatar', {ariaHidden: 'true'}, [...name][0])
  // A colour drawn from the name. A strict policy refuses style attributes, but not this door.
  circle.style.setProperty('--hue', `${name.length * 67 + name.charCodeAt(0) * 29}`)
  return h('article.comment', whole,
    circle,
    h('header',
      h(isLink ? 'a.author' : 'span.author', {dir: 'auto'}, isLink && {href: website, rel: REL}, name),
      author.is_moderator ? h('span.badge', t('owner')) : author.is_verified && h('span.badge', t('verified')),
      comment.is_pinned && h('span.badge', t('pinned')),
      h('a.soft time', {href: permalink(id)},
        h('time', {dateTime: created, title: dates.format(then)}, ago(then, Date.now()))),
      edited && h('span.soft', t('edited')),
      answered && h('a.soft', {href: permalink(parent)}, t('in_reply_to', {name: answered}))),
    h('div.text', {dir: 'auto', lang: comment.lang ?? ''},
      comment.quote && h('blockquote', comment.quote),
      trustedHtml(comment.html)),
    state === 'pending' && h('p.notice', t(state)),
    h('div.acts',
      isOpen && state === 'visible' && button('act reply', t('reply'), () => acts.open('reply'),
        {name: 'reply', ariaLabel: t('reply_to', {name}), ariaExpanded: `${form === 'reply'}`}),
      ...(state === 'visible' ? ballot(look, acts) : []),
      // The form is our own page's, which works without a script as well.
      state === 'visible' && comment.text == null && !author.is_moderator && h('a.act',
        {href: `${look.base}c/${id}/report`, target: '_blank'}, t('report')),
      ...ownControls(look, acts)),
    error)
}

/** A full address: with a bare fragment, a <base> element would lead away from the page. @param {string | null} id */
function permalink(id) {
  return `${location.href.split('#')[0]}#comment-${id}`
}
