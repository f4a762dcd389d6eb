// @ts-check
import {REL, trustedHtml} from './html.js'
import {ago, moment} from './time.js'
import {button, h} from './dom.js'

/**
 * One comment, without its replies.
 * @param {import('./types.js').Kept} comment
 * @param {import('./types.js').Context} context
 * @param {{answered?: string | null, reply?: () => void}} around
 *   `answered`: whom it answers when it does not stand below that comment, '' if not known;
 *   `reply`: opens the form
 */
export function commentView(comment, {t, locale}, {answered = null, reply}) {
  const {id, parent, author, website, state, created, edited} = {...comment, ...comment.author}
  const whole = h('article.comment', {id: `comment-${id}`, tabIndex: -1})
  if (!comment.author) {
    whole.append(h('p.soft', t('removed')))
    return whole
  }
  const name = comment.author.name || t('anonymous')
  const link = website && /^https?:/i.test(website) && {href: website, rel: REL}
  const answer = reply && state === 'visible' && button('act reply', t('reply'), reply)
  if (answer) {
    answer.ariaLabel = t('reply_to', {name})
    answer.ariaExpanded = 'false'
  }
  whole.append(
    avatar(name),
    h('header',
      h(link ? 'a.author' : 'span.author', link, {dir: 'auto'}, name),
      author?.is_moderator && h('span.badge', t('owner')),
      comment.is_pinned && h('span.badge', t('pinned')),
      h('a.soft time', {href: permalink(id)},
        h('time', {dateTime: created, title: moment(created, locale)},
          ago(new Date(created), new Date(), locale))),
      edited && h('span.soft', {title: moment(edited, locale)}, t('edited')),
      answered !== null && h('a.soft', {href: permalink(parent)},
        answered ? t('in_reply_to', {name: answered}) : t('in_reply'))),
    h('div.text', {dir: 'auto', lang: comment.lang ?? ''},
      comment.quote && h('blockquote', comment.quote),
      trustedHtml(comment.html)),
    state === 'pending' ? h('p.waits', t('waits')) : '',
    answer || '')
  return whole
}

/** A full address: with a bare fragment, a <base> element would lead away from the page. @param {string | null} id */
function permalink(id) {
  return `${location.href.split('#')[0]}#comment-${id}`
}

/** A first letter in a colour of its own: drawn here, asked of nobody. @param {string} name */
function avatar(name) {
  const circle = h('span.avatar', {ariaHidden: 'true'}, [...name][0])
  // A style attribute would be refused by a strict policy; this door is open in all of them.
  circle.style.setProperty('--hue', `${[...name].reduce((sum, letter) => sum * 31 + letter.charCodeAt(0), 7) % 360}`)
  return circle
}
