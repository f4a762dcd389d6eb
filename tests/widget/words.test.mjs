import assert from 'node:assert/strict'
import {test} from 'node:test'
import {words} from '../../widget/src/parts/plain.js'
import {t} from '../../widget/src/messages.js'
import {ago} from '../../widget/src/time.js'

const NOW = Date.parse('2026-06-15T12:00:00Z')
const before = (seconds) => ago(new Date(NOW - seconds * 1000), NOW)

test('times are told as people tell them', () => {
  assert.equal(before(60), '1 minute ago')
  assert.equal(before(3590), '1 hour ago')
  assert.equal(before(2 * 86_400), '2 days ago')
  assert.equal(before(15 * 86_400), '15 days ago')
  assert.equal(before(800 * 86_400), '2 years ago')
})

test('how long ago something was is said in the words that a browser has for it', () => {
  const words = new Intl.RelativeTimeFormat('en', {numeric: 'auto'})
  const units = {minute: 60, hour: 3600, day: 86_400, month: 31 * 86_400, year: 366 * 86_400}
  for (const [unit, seconds] of Object.entries(units)) {
    for (const n of [1, 2, 11]) assert.equal(before(n * seconds), words.format(-n, unit))
  }
  assert.equal(before(0), words.format(0, 'minute'))
})

test('a comment from a clock that runs ahead is not in the future', () => {
  assert.equal(before(-500), before(0))
})

test('sentences have their plural forms', () => {
  assert.equal(t('count', {n: 1}), '1 comment')
  assert.equal(t('count', {n: 1234}), '1,234 comments')
})

test('a key without a sentence says nothing, whatever its name', () => {
  assert.equal(t('constructor'), '')
})

test('html becomes words where nothing can parse it, links behind their text', () => {
  assert.equal(
    words('<p>One &lt;b&gt; <strong>two</strong></p>\n<p><a href="https://a.example" rel="x">here</a></p>'),
    'One <b> two\n\nhere (https://a.example)',
  )
  assert.equal(words('&amp;lt;script&amp;gt;'), '&lt;script&gt;')
})
