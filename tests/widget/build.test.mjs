import assert from 'node:assert/strict'
import {test} from 'node:test'
import {BUDGET_BYTES, brotliSize, bundle, checkLayers} from '../../widget/build.mjs'

test('the script keeps to its budget and comes out the same twice', async () => {
  const [one, other] = [await bundle(), await bundle()]
  assert.ok(brotliSize(one.get('embed.js')) <= BUDGET_BYTES)
  assert.deepEqual(one, other)
})

test('an import that points up is refused', () => {
  const upwards = {'src/dom.js': {imports: [{path: 'src/thread.js'}]}}
  assert.throws(() => checkLayers(upwards), /imports upwards/)
})

test('a module without a place in the layers is refused', () => {
  assert.throws(() => checkLayers({'src/x.js': {imports: [{path: 'src/utils.js'}]}}), /no place/)
})
