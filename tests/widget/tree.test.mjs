import assert from 'node:assert/strict'
import {test} from 'node:test'
import {take} from '../../widget/src/store.js'
import {nest} from '../../widget/src/tree.js'

const made = (id, parent = null, more = {}) => ({
  id, parent, created: `2026-01-01T00:00:0${id.length}Z`, is_pinned: false, replies: [], ...more,
})
const kept = (...arrived) => {
  const comments = new Map()
  take(comments, arrived)
  return comments
}
const shape = (nodes) => nodes.map(({comment, replies}) => [comment.id, shape(replies)])
const byId = (nodes, id) => nodes.flatMap((node) => [node, ...all(node.replies)]).find((n) => n.comment.id === id)
const all = (nodes) => nodes.flatMap((node) => [node, ...all(node.replies)])

test('replies stand below the comment they answer, oldest first', () => {
  const comments = kept(made('a', null, {replies: [made('abc', 'a'), made('ab', 'a')]}))
  assert.deepEqual(shape(nest(comments.values())), [['a', [['ab', []], ['abc', []]]]])
})

test('roots turn round when the newest come first, conversations do not', () => {
  const comments = kept(made('a', null, {replies: [made('ab', 'a'), made('abc', 'a')]}), made('bb'))
  const nodes = nest(comments.values(), 'newest')
  assert.deepEqual(shape(nodes), [['bb', []], ['a', [['ab', []], ['abc', []]]]])
})

test('the best come in the order of the server, conversations in that of time', () => {
  const comments = kept(made('bb'), made('a', null, {replies: [made('abc', 'a'), made('ab', 'a')]}))
  assert.deepEqual(shape(nest(comments.values(), 'best')), [['bb', []], ['a', [['ab', []], ['abc', []]]]])
})

test('pinned comments come first in every order', () => {
  const comments = kept(made('a'), made('bb', null, {is_pinned: true}))
  for (const sort of ['', 'newest', 'best']) {
    assert.equal(nest(comments.values(), sort)[0].comment.id, 'bb')
  }
})

test('replies too deep to indent stand flat and say so', () => {
  const deep = made('a', null, {replies: [made('ab', 'a', {replies: [
    made('abc', 'ab', {replies: [made('abcd', 'abc', {replies: [made('abcde', 'abcd')]})]}),
  ]})]})
  const nodes = nest(kept(deep).values())
  assert.deepEqual(shape(nodes), [['a', [['ab', [['abc', [['abcd', []], ['abcde', []]]]]]]]])
  assert.ok(!byId(nodes, 'abcd').away)
  assert.equal(byId(nodes, 'abcde').away, true)
})

test('a reply whose parent is not here hangs below its root', () => {
  const comments = kept(made('a'))
  take(comments, [made('abc', 'gone')], 'a')
  const nodes = nest(comments.values())
  assert.deepEqual(shape(nodes), [['a', [['abc', []]]]])
  assert.equal(byId(nodes, 'abc').away, true)
})

test('a comment that arrives again replaces what was known and keeps its place', () => {
  const comments = kept(made('a', null, {replies: [made('ab', 'a')]}))
  take(comments, [made('ab', 'a', {html: 'new'})])
  assert.deepEqual(shape(nest(comments.values())), [['a', [['ab', []]]]])
  assert.equal(comments.get('ab').html, 'new')
})
