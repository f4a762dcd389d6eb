import assert from 'node:assert/strict'
import {test} from 'node:test'
import {t} from '../../widget/src/messages.js'
import {cast, editLabel, minutesLeft} from '../../widget/src/parts/own.js'

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
  assert.equal(editLabel(t, 12), 'Edit (12 min left)')
  assert.equal(editLabel(t, 90), 'Edit')
  assert.equal(editLabel(t, Infinity), 'Edit')
})

test('a vote takes the place of the earlier one, a reaction stands beside others', () => {
  const comment = {mine: {vote: 1}, up: 3, score: 2, reactions: {heart: 1}}
  assert.deepEqual(cast(comment, 'vote', -1), {mine: {vote: -1}, score: 0, up: 2})
  assert.deepEqual(cast(comment, 'vote', 0), {mine: {vote: 0}, score: 1, up: 2})
  assert.deepEqual(cast(comment, 'boat', 1), {mine: {vote: 1, boat: 1}, reactions: {heart: 1, boat: 1}})
})
