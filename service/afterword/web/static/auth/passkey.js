// What the browser is asked for when a passkey is used or made, and what it answers, as JSON.

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
    throw new Error(
      error.name === 'InvalidStateError'
        ? 'This device has a passkey for you here already.'
        : 'No passkey was used: the browser has none for you here, or you stopped it.',
    )
  }
  return JSON.stringify(credential.toJSON())
}
