// @ts-check
import {button, h} from './dom.js'
import {t} from './messages.js'

/**
 * The votes and reactions of a comment, to press unless it is one's own.
 * @param {import('./types.js').Look} look
 * @param {import('./types.js').Acts} acts
 */
export function ballot({comment, site: {votes, reactions}}, {press}) {
  const {text, mine = {}, up, score, reactions: given} = comment
  const n = votes === 'up' ? up : score
  return [
    votes !== 'off' && sign('vote', 1, `▲ ${n}`, t('up', {n})),
    votes === 'on' && !text && sign('vote', -1, '▼', t('down')),
    // Where nothing can be pressed, what nobody gave is only in the way.
    ...Object.entries(reactions).map(([name, look]) =>
      (!text || given[name] > 0) && sign(name, 1, `${look} ${given[name] || ''}`)),
  ]

  /** @param {string} name @param {number} value @param {string} look @param {string} [ariaLabel] */
  function sign(name, value, look, ariaLabel) {
    const isOn = mine[name] === value
    return text
      ? h('span.soft', look)
      : button('act sign', look, () => press(name, isOn ? 0 : value),
        {name: name + value, ariaPressed: isOn}, ariaLabel && {ariaLabel})
  }
}
