import assert from 'node:assert/strict'
import {test} from 'node:test'
import {editLabel, minutesLeft} from '../../widget/src/own.js'

const NOW = Date.parse('2026-06-15T12:00:00Z')
const left = (seconds) =>
  minutesLeft({can_edit: true, edit_until: new Date(NOW + seconds * 1000).toISOString()}, NOW)

test('the minutes that are left to edit are whole ones, and none when they are over', () => {
  assert.deepEqual([left(900), left(61), left(60), left(1), left(0), left(-90)], [15, 2, 1, 1, 0, 0])
})

test('what waits for approval can be edited without a time, what may not be changed never', () => {
  assert.equal(minutesLeft({can_edit: true, edit_until: null}, NOW), Infinity)
  assert.equal(minutesLeft({can_edit: false, edit_until: null}, NOW), 0)
  assert.equal(minutesLeft({}, NOW), 0)
})

test('only a time that presses is said', () => {
  assert.equal(editLabel(12), 'Edit (12 min left)')
  assert.equal(editLabel(90), 'Edit')
  assert.equal(editLabel(Infinity), 'Edit')
})
