// What the browser is asked for when a passkey is used or made, and what it answers, as JSON.

import {t} from '../words.js'

/** @param {object} options of PublicKeyCredentialRequestOptionsJSON */
export async function used(options) {
  return answered(() =>
    navigator.credentials.get({publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options)}))
}

/** @param {object} options of PublicKeyCredentialCreationOptionsJSON */
export async function made(options) {
  return answered(() =>
    navigator.credentials.create({publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options)}))
}

async function answered(ask) {
  let credential
  try {
    credential = await ask()
  } catch (error) {
    throw new Error(t(error.name === 'InvalidStateError' ? 'held' : 'unused'))
  }
  return JSON.stringify(credential.toJSON())
}
