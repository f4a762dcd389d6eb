// @ts-check
// Proof of work, loaded by those who are asked for it. In the page itself, a little at a time: a
// worker from another origin is refused, and crypto.subtle exists on https only and takes longer to
// be asked than to be done without.

export const words = WORDS

/** The longest that the page is kept from drawing, in ms. */
const CHUNK = 24

const PRIMES = [2]
for (let n = 3; PRIMES.length < 64; n += 2) if (PRIMES.every((prime) => n % prime)) PRIMES.push(n)
/** The first 32 bits behind the point, as FIPS 180-4 (4.2.2, 5.3.3) makes its constants. @param {number} x */
const fraction = (x) => ((x - Math.floor(x)) * 2 ** 32) | 0
const K = PRIMES.map((prime) => fraction(Math.cbrt(prime)))
const START = PRIMES.slice(0, 8).map((prime) => fraction(Math.sqrt(prime)))
const W = new Int32Array(64)

/**
 * The first 32 bits of a text's SHA-256 (FIPS 180-4); of at most 55 ASCII characters.
 * @param {string} text
 */
export function sha256(text) {
  W.fill(0)
  const length = text.length
  for (let i = 0; i < length; i++) W[i >> 2] |= text.charCodeAt(i) << (24 - (i & 3) * 8)
  W[length >> 2] |= 0x80 << (24 - (length & 3) * 8)
  W[15] = length * 8
  let [a, b, c, d, e, f, g, h] = START
  for (let i = 0; i < 64; i++) {
    if (i > 15) {
      const x = W[i - 15], y = W[i - 2]
      W[i] = W[i - 16] + W[i - 7] +
        (turn(x, 7) ^ turn(x, 18) ^ (x >>> 3)) + (turn(y, 17) ^ turn(y, 19) ^ (y >>> 10))
    }
    const one = (h + K[i] + W[i] + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g))) | 0
    const two = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0
    h = g
    g = f
    f = e
    e = (d + one) | 0
    d = c
    c = b
    b = a
    a = (one + two) | 0
  }
  return (a + START[0]) >>> 0
}

/** @param {number} x @param {number} by */
function turn(x, by) {
  return (x >>> by) | (x << (32 - by))
}

/**
 * The number that a challenge asks for.
 * @param {{salt: string, difficulty: number, token: string}} challenge
 * @param {(tried: number) => void} [say] is told which share of the usual work is done, 0 to 1
 */
export async function solve({salt, difficulty, token}, say) {
  const most = 2 ** (32 - difficulty)
  for (let number = 0; ; ) {
    for (const until = performance.now() + CHUNK; performance.now() < until; ) {
      for (const next = number + 500; number < next; number++) {
        if (sha256(salt + number) < most) return {token, number}
      }
    }
    say?.(Math.min(1, number / 2 ** difficulty))
    await new Promise((go) => setTimeout(go))
  }
}
