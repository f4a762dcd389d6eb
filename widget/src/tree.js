// @ts-check
/** @typedef {import('./types.js').Kept} Kept @typedef {import('./types.js').Node} Node */

/** Replies are indented this often; deeper ones stand flat and say whom they answer. */
export const LEVELS = 3

/**
 * Comments in their places: pinned roots first, replies always in the order of a conversation.
 * A reply to a comment that is not here hangs below its root, or stays out with it.
 * @param {Iterable<Kept>} comments
 * @param {boolean} [newestFirst]
 * @returns {Node[]}
 */
export function nest(comments, newestFirst) {
  /** @type {Map<string | null | undefined, Node>} */
  const nodes = new Map()
  for (const comment of comments) nodes.set(comment.id, {comment, replies: [], away: false})
  const roots = []
  for (const node of [...nodes.values()].sort(byTime)) {
    const {parent, root} = node.comment
    const above = nodes.get(parent) ?? nodes.get(root)
    if (!parent) roots.push(node)
    else if (above) {
      above.replies.push(node)
      node.away = above.comment.id !== parent
    }
  }
  for (const root of roots) settle(root, LEVELS)
  if (newestFirst) roots.reverse()
  return roots.sort((one, other) => +other.comment.is_pinned - +one.comment.is_pinned)
}

/**
 * Keeps what may hang below a node; answers what is too deep for that, to stand beside it.
 * @param {Node} node
 * @param {number} levels
 * @returns {Node[]}
 */
function settle(node, levels) {
  const below = node.replies.concat(node.replies.flatMap((reply) => settle(reply, levels - 1)))
  node.replies = []
  if (levels > 0) node.replies = below.splice(0).sort(byTime)
  for (const deep of below) deep.away = true
  return below
}

/** @param {Node} one @param {Node} other */
function byTime({comment: one}, {comment: other}) {
  // Times are written alike, in UTC: their order is that of their letters; ids settle ties.
  return one.created + one.id < other.created + other.id ? -1 : 1
}
