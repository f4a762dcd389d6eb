import assert from 'node:assert/strict'
import {test} from 'node:test'
import {BUDGETS, brotliSize, bundle, checkLayers} from '../../widget/build.mjs'

test('each script keeps to its budget and comes out the same twice', async () => {
  const [one, other] = [await bundle(), await bundle()]
  for (const [path, budget] of Object.entries(BUDGETS)) {
    assert.ok(brotliSize(one.get(path)) <= budget, path)
  }
  assert.deepEqual(one, other)
})

test('a part that would ship what the script has already is refused', () => {
  const twice = {'src/parts/write.js': {imports: [{path: 'src/dom.js'}]}}
  assert.throws(() => checkLayers(twice), /a second time/)
})

test('an import that points up is refused', () => {
  const upwards = {'src/dom.js': {imports: [{path: 'src/thread.js'}]}}
  assert.throws(() => checkLayers(upwards), /imports upwards/)
})

test('a module without a place in the layers is refused', () => {
  assert.throws(() => checkLayers({'src/x.js': {imports: [{path: 'src/utils.js'}]}}), /no place/)
})
