import assert from 'node:assert/strict'
import {test} from 'node:test'
import {find} from '../../widget/src/parts/anchor.js'

const PAGE = 'We crossed the old bridge at dawn. Nobody was there. We crossed the old bridge at night.'
/** Where a search ends up, and in how many steps. */
const searched = (page, selector) => {
  const steps = find(page, {prefix: '', suffix: '', ...selector})
  for (let n = 1; ; n++) {
    const {done, value} = steps.next()
    if (done) return {...value, n}
  }
}
const at = (selector, page = PAGE) => {
  const {start, end} = searched(page, selector)
  return end && page.slice(start, end)
}

test('words that stand twice are told apart by what stands around them', () => {
  const night = searched(PAGE, {exact: 'the old bridge', prefix: 'We crossed', suffix: 'at night'})
  assert.equal(night.start, PAGE.lastIndexOf('the old bridge'))
  const dawn = searched(PAGE, {exact: 'the old bridge', prefix: 'We crossed', suffix: 'at dawn'})
  assert.equal(dawn.start, PAGE.indexOf('the old bridge'))
})

test('words are found again after a few of their letters were changed', () => {
  assert.equal(at({exact: 'Nobody was ther'}), 'Nobody was ther')
  assert.equal(at({exact: 'Nobody were there'}), 'Nobody was there')
  assert.equal(at({exact: 'crossed an old bridge at dawn'}), 'crossed the old bridge at dawn')
})

test('words that are gone are not found anywhere else', () => {
  assert.equal(at({exact: 'a sentence that was taken out'}), undefined)
  assert.equal(at({exact: 'zq'}), undefined)
  assert.equal(at({exact: ''}), undefined)
})

test('wherever a page is cut, what was selected is found in its place', () => {
  // Every tenth start and length of a page with repetitions: none may land elsewhere.
  const page = 'one two three two one three two one one two '.repeat(6).trim()
  for (let start = 0; start < page.length - 12; start += 7) {
    for (const length of [3, 8, 40]) {
      const end = Math.min(page.length, start + length)
      const exact = page.slice(start, end).trim()
      const from = page.indexOf(exact, start)
      const found = searched(page, {exact, prefix: page.slice(0, from), suffix: page.slice(from + exact.length)})
      assert.equal(found.start, from)
      assert.equal(found.end, from + exact.length)
    }
  }
})

test('words that have not changed are found in one step, those that have in many short ones', () => {
  const page = Array.from({length: 6000}, (_, n) => `word${n}`).join(' ')
  assert.equal(searched(page, {exact: 'word5000 word5001'}).n, 1)
  const changed = 'word5000 werd5001 word5002 word5003'
  const {start, n} = searched(page, {exact: changed})
  assert.equal(start, page.indexOf('word5000'))
  assert.ok(n > 100)
  assert.ok(searched(page, {exact: 'w'}).n > 20)
})
