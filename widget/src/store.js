// @ts-check
/** @typedef {import('./types.js').Comment} Comment @typedef {import('./types.js').Kept} Kept */

/**
 * Takes comments in, nested or flat, into a flat map by id: their places are worked out when
 * painting. What came last about a comment counts; what only its reader was told of it stays.
 * @param {Map<string, Kept>} comments
 * @param {Comment[]} arrived
 * @param {string} [root] the root that flat replies hang below
 */
export function take(comments, arrived, root) {
  for (const {replies = [], ...comment} of arrived) {
    const above = root ?? comments.get(comment.id)?.root
    comments.set(comment.id, {...comments.get(comment.id), ...comment, root: above})
    take(comments, replies, above ?? comment.id)
  }
}
