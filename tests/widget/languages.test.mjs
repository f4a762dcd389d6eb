import assert from 'node:assert/strict'
import {test} from 'node:test'
import {choose} from '../../widget/src/messages.js'

const KNOWN = ['de', 'en', 'nb', 'pt', 'pt-BR', 'zh-CN', 'zh-TW']

test('the first language that is known is spoken', () => {
  assert.equal(choose(['eo', 'de-AT', 'en'], KNOWN), 'de')
  assert.equal(choose(['eo'], KNOWN), 'en')
  assert.equal(choose([], KNOWN), 'en')
})

test('what is written exactly wins over the same language elsewhere', () => {
  assert.equal(choose(['pt-br'], KNOWN), 'pt-BR')
  assert.equal(choose(['pt-PT'], KNOWN), 'pt')
  assert.equal(choose(['pt-AO'], ['pt-BR', 'pt']), 'pt')
})

test('the script decides where one language has two', () => {
  assert.equal(choose(['zh-HK'], KNOWN), 'zh-TW')
  assert.equal(choose(['zh-Hant'], KNOWN), 'zh-TW')
  assert.equal(choose(['zh'], KNOWN), 'zh-CN')
  assert.equal(choose(['zh-Hans-HK'], KNOWN), 'zh-CN')
  assert.equal(choose(['zh-Hant-CN'], KNOWN), 'zh-TW')
})

test('names that are no language mean nothing, and Norwegian has several', () => {
  assert.equal(choose(['en_US', ''], KNOWN), 'en')
  assert.equal(choose(['no'], KNOWN), 'nb')
  assert.equal(choose(['nn-NO'], KNOWN), 'nb')
})
