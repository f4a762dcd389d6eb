// @ts-check
/** @typedef {import('./types.js').Kept} Kept @typedef {import('./types.js').Node} Node */

/** Replies are indented this often; deeper ones stand flat and say whom they answer. */
export const LEVELS = 3

/**
 * Comments in their places: pinned roots first, replies always in the order of a conversation.
 * A reply to a comment that is not here hangs below its root, or stays out with it.
 * @param {Iterable<Kept>} comments
 * @param {{newestFirst?: boolean, levels?: number}} options
 * @returns {Node[]}
 */
export function nest(comments, {newestFirst = false, levels = LEVELS} = {}) {
  /** @type {Map<string | null | undefined, Node>} */
  const nodes = new Map()
  for (const comment of comments) nodes.set(comment.id, {comment, replies: [], away: false})
  /** @type {Node[]} */
  const roots = []
  for (const node of [...nodes.values()].sort(byTime)) {
    const {parent, root} = node.comment
    const above = nodes.get(parent) ?? nodes.get(root)
    if (!parent) roots.push(node)
    else if (above && above !== node) {
      above.replies.push(node)
      node.away = above.comment.id !== parent
    }
  }
  for (const root of roots) flatten(root, levels)
  const pinned = roots.filter((node) => node.comment.is_pinned)
  const others = roots.filter((node) => !node.comment.is_pinned)
  return [...pinned, ...(newestFirst ? others.reverse() : others)]
}

/** @param {Node} node @param {number} levels */
function flatten(node, levels) {
  if (levels > 1) for (const reply of node.replies) flatten(reply, levels - 1)
  else node.replies = below(node).sort(byTime)
}

/** All that hangs below a node, side by side. @param {Node} node @returns {Node[]} */
function below(node) {
  return node.replies.flatMap((reply) => {
    const deeper = below(reply)
    for (const one of deeper) one.away = true
    reply.replies = []
    return [reply, ...deeper]
  })
}

/** @param {Node} one @param {Node} other */
function byTime({comment: one}, {comment: other}) {
  // Times are written alike, in UTC: their order is that of their letters; ids settle ties.
  return one.created + one.id < other.created + other.id ? -1 : 1
}
