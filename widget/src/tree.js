// @ts-check
/** @typedef {import('./types.js').Kept} Kept @typedef {import('./types.js').Node} Node */

/** Replies are indented this often; deeper ones stand flat and say whom they answer. */
export const LEVELS = 3

/**
 * Comments in their places: pinned roots first, replies always in the order of a conversation.
 * A reply to a comment that is not here hangs below its root, or stays out with it.
 * @param {Iterable<Kept>} comments
 * @param {string} [sort] what is not `newest` or `best` is oldest first; the best come as they came:
 *   the server knows their order, and a vote must not move what somebody reads
 * @returns {Node[]}
 */
export function nest(comments, sort) {
  const arrived = [...comments]
  const sorted = arrived.toSorted(byTime)
  /** @type {Map<string | null | undefined, Node>} */
  const nodes = new Map(
    sorted.map((comment) => [comment.id, {comment, replies: [], depth: 0, below: 0}]),
  )
  for (const node of nodes.values()) {
    const {parent, root} = node.comment
    let above = nodes.get(parent) ?? nodes.get(root)
    if (parent && above) {
      if (above.depth === LEVELS) above = /** @type {Node} */ (above.above)
      above.replies.push(node)
      node.above = above
      node.depth = above.depth + 1
      node.away = above.comment.id !== parent
      for (let at = /** @type {Node | undefined} */ (above); at; at = at.above) at.below++
    }
  }
  const roots = (sort === 'best' ? arrived : sorted)
    .filter(({parent}) => !parent)
    .map(({id}) => /** @type {Node} */ (nodes.get(id)))
  if (sort === 'newest') roots.reverse()
  return roots.sort((one, other) => +other.comment.is_pinned - +one.comment.is_pinned)
}

/** @param {Kept} one @param {Kept} other */
function byTime(one, other) {
  // Times are written alike, in UTC: their order is that of their letters; ids settle ties.
  return one.created + one.id < other.created + other.id ? -1 : 1
}
