// @ts-check
import {t} from './messages.js'
import {REL, trustedHtml} from './html.js'
import {ago, dates} from './time.js'
import {button, h} from './dom.js'

/**
 * One comment, without its replies.
 * @param {import('./types.js').Kept} comment
 * @param {string | null | false | undefined} answered whom it answers, when it does not stand below that comment
 * @param {((name: string) => void) | false} reply opens the form
 */
export function commentView(comment, answered, reply) {
  const {id, parent, author, state, created, edited} = comment
  const whole = {id: `comment-${id}`, tabIndex: -1}
  if (!author) return h('article.comment', whole, h('p.soft', t('removed')))
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
      author.is_moderator && h('span.badge', t('owner')),
      comment.is_pinned && h('span.badge', t('pinned')),
      h('a.soft time', {href: permalink(id)},
        h('time', {dateTime: created, title: dates.format(then)}, ago(then, Date.now()))),
      edited && h('span.soft', t('edited')),
      answered && h('a.soft', {href: permalink(parent)}, t('in_reply_to', {name: answered}))),
    h('div.text', {dir: 'auto', lang: comment.lang ?? ''},
      comment.quote && h('blockquote', comment.quote),
      trustedHtml(comment.html)),
    state === 'pending' && h('p.notice', t('waits')),
    reply && state === 'visible' && button('act reply', t('reply'), () => reply(name),
      {ariaLabel: t('reply_to', {name}), ariaExpanded: 'false'}))
}

/** A full address: with a bare fragment, a <base> element would lead away from the page. @param {string | null} id */
function permalink(id) {
  return `${location.href.split('#')[0]}#comment-${id}`
}
