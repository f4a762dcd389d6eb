import assert from 'node:assert/strict'
import {test} from 'node:test'
import {find} from '../../widget/src/parts/anchor.js'

const PAGE = 'We crossed the old bridge at dawn. Nobody was there. We crossed the old bridge at night.'
const at = (selector, page = PAGE) => {
  const found = find(page, {prefix: '', suffix: '', ...selector})
  return found && page.slice(found.start, found.end)
}

test('words that stand twice are told apart by what stands around them', () => {
  const night = find(PAGE, {exact: 'the old bridge', prefix: 'We crossed', suffix: 'at night'})
  assert.equal(night.start, PAGE.lastIndexOf('the old bridge'))
  const dawn = find(PAGE, {exact: 'the old bridge', prefix: 'We crossed', suffix: 'at dawn'})
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
      const found = find(page, {exact, prefix: page.slice(0, from), suffix: page.slice(from + exact.length)})
      assert.equal(found.start, from)
      assert.equal(found.end, from + exact.length)
    }
  }
})
