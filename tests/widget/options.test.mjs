import assert from 'node:assert/strict'
import {test} from 'node:test'
import {commentIn, pageUrl} from '../../widget/src/options.js'

const HERE = 'https://blog.example/post?a=1#part'

test('without a word from the author a page is its address without the fragment', () => {
  assert.equal(pageUrl(HERE, {}), 'https://blog.example/post?a=1')
})

test('a canonical link of the same origin names the page, one of another does not', () => {
  assert.equal(pageUrl(HERE, {canonical: '/post'}), 'https://blog.example/post')
  assert.equal(pageUrl(HERE, {canonical: 'https://copy.example/post'}), 'https://blog.example/post?a=1')
})

test('data-url wins over everything, relative or whole', () => {
  assert.equal(pageUrl(HERE, {url: '/other', canonical: '/post'}), 'https://blog.example/other')
  assert.equal(pageUrl(HERE, {url: 'https://old.example/x'}), 'https://old.example/x')
})

test('an address that is none is passed over', () => {
  assert.equal(pageUrl(HERE, {url: 'http://', canonical: 'http://'}), 'https://blog.example/post?a=1')
})

test('data-site lets a preview show the thread of the real page', () => {
  assert.equal(
    pageUrl('https://preview.example/post', {site: 'https://blog.example'}),
    'https://blog.example/post',
  )
})

test('only a fragment that can be a comment is taken for one', () => {
  assert.equal(commentIn('#comment-1m83p6cy6ccm9'), '1m83p6cy6ccm9')
  for (const other of ['', '#comments', '#comment-', '#comment-a/b', `#comment-${'a'.repeat(41)}`]) {
    assert.equal(commentIn(other), '')
  }
})
