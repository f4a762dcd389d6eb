import assert from 'node:assert/strict'
import {createHash} from 'node:crypto'
import {test} from 'node:test'
import {sha256, solve} from '../../widget/src/parts/challenge.js'

const truth = (text) => createHash('sha256').update(text).digest()

test('the hash is SHA-256, for every length that fits in a block', () => {
  for (let length = 0; length <= 55; length++) {
    const text = 'aZ09_-'.repeat(10).slice(0, length)
    assert.equal(sha256(text), truth(text).readUInt32BE(), `${length} characters`)
  }
})

test('the number that is found has as many zero bits as asked for', async () => {
  for (const difficulty of [1, 8, 14]) {
    const salt = `salt-of-${difficulty}`
    const {token, number} = await solve({salt, difficulty, token: 'signed'})
    assert.equal(token, 'signed')
    assert.equal(truth(salt + number).readUInt32BE() >>> (32 - difficulty), 0)
  }
})
